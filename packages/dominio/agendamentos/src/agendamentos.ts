import { z } from "zod";
import type { Db, FunctionName } from "#core/db";
import type { Clock } from "#core/runtime";
import { atClock } from "#core/tasks";
import type { ConfigAgendamentos } from "./config.ts";
import type { DocumentosNormalizados } from "./normalizar/documentos-normalizados.ts";
import type { EnderecoNormalizado } from "./normalizar/endereco-normalizado.ts";
import { modeloDeTarefa } from "./tarefa.ts";

/** Um agendamento como uma planilha ou um pedido o traz; os textos já sem espaços nas pontas. */
export interface LinhaAgendamento {
  linha: number | null;
  nome: string;
  telefone: string | null;
  /** `AAAA-MM-DD` */
  data: string | null;
  /** `HH:MM:SS` */
  hora: string | null;
  endereco: string | null;
  documento: string | null;
  /** O texto diz alguma coisa: não é "n/a" nem só pontuação. */
  tem_endereco: boolean;
  tem_documento: boolean;
}

/** Um relatório de saúde espera por isto, ms. */
const LEITURA_MS = 5_000;
const texto = z.string().nullable();
const ItemCarregado = z.object({
  id: z.string(),
  endereco: texto,
  documento: texto,
  endereco_hash: texto,
  documento_hash: texto,
  endereco_feito: z.boolean(),
  documento_feito: z.boolean(),
});
export type ItemCarregado = z.infer<typeof ItemCarregado>;
const Sinalizadores = z.object({ endereco: z.boolean(), documento: z.boolean() });
export type Sinalizadores = z.infer<typeof Sinalizadores>;

export interface ItemSalvo {
  id: string;
  job_id: string;
  token: string;
  endereco_hash: string | null;
  documento_hash: string | null;
  endereco?: EnderecoNormalizado;
  documento?: DocumentosNormalizados;
  cpf?: string | null;
  rg?: string | null;
  /** O estado final; sem ele, a normalização continua. */
  fim?: "completed" | "skipped";
}

const Contagem = z.object({
  pending: z.int(),
  processing: z.int(),
  completed: z.int(),
  failed: z.int(),
  skipped: z.int(),
});

/** As funções SQL dos agendamentos, com tipos; uma ida ao banco por lote. */
export type Agendamentos = ReturnType<typeof criarAgendamentos>;

export function criarAgendamentos(opcoes: { db: Db; clock: Clock; config: ConfigAgendamentos }) {
  const { db, clock, config } = opcoes;
  const tarefa = modeloDeTarefa(config);
  const padrao: Sinalizadores = {
    endereco: config.ADDRESS_NORMALIZATION_ENABLED,
    documento: config.DOCUMENT_NORMALIZATION_ENABLED,
  };
  const chamar = <S extends z.ZodType>(fn: FunctionName, args: Record<string, unknown>, esquema: S) =>
    db.json(fn, { ...args, ...atClock(clock) } as never, esquema);
  return {
    /** Uma planilha numa transação. `PermanentError("conflito")` se o mesmo arquivo entrou há menos de 24 h. */
    importar: (
      arquivo: { nome: string; sha256: string; rejected: number; duracao_ms: number },
      linhas: readonly LinhaAgendamento[],
      forcar: boolean,
    ) =>
      chamar(
        "importar_agendamentos",
        { p_arquivo: arquivo, p_linhas: linhas, p_tarefa: tarefa, p_sinalizadores: padrao, p_forcar: forcar },
        z.object({ import_id: z.string(), imported: z.int(), skipped: z.int(), jobs_enqueued: z.int() }),
      ),
    criar: (linha: LinhaAgendamento) =>
      chamar(
        "criar_agendamento",
        { p_linha: linha, p_tarefa: tarefa, p_sinalizadores: padrao },
        z.object({ id: z.string(), normalization_status: z.enum(["pending", "skipped"]), job_id: texto }),
      ),
    /** Textos de um lote, marcados `processing`, e os sinalizadores em vigor agora. */
    carregar: (itens: readonly { id: string; job_id: string; token: string }[]) =>
      chamar(
        "carregar_agendamentos",
        { p_itens: itens, p_sinalizadores: padrao },
        z.object({ itens: z.array(ItemCarregado), sinalizadores: Sinalizadores }),
      ),
    /** Por agendamento: `salvo`; `mudou` (o texto é outro: nada gravado, tarefa nova); `perdido` (a reserva é de outro). */
    salvar: (itens: readonly ItemSalvo[]) =>
      chamar(
        "salvar_normalizacoes",
        { p_itens: itens, p_tarefa: tarefa },
        z.record(z.string(), z.enum(["salvo", "mudou", "perdido"])),
      ),
    /** Tarefas novas: para os ids dados, ou para os que falharam primeiro. */
    renormalizar: (quais: { ids: string[] | null; limite: number }) =>
      chamar(
        "renormalizar_agendamentos",
        { p_ids: quais.ids, p_limite: quais.limite, p_tarefa: tarefa },
        z.array(z.object({ id: z.string(), job_id: z.string() })),
      ),
    reparar: (limite: number) => chamar("reparar_agendamentos", { p_tarefa: tarefa, p_limite: limite }, z.int()),
    contar: () => db.json("contar_agendamentos", {}, Contagem, { timeoutMs: LEITURA_MS }),
    /** Null: volta a valer o ambiente. */
    sinalizar: (valores: { endereco: boolean | null; documento: boolean | null }) =>
      chamar(
        "definir_sinalizadores_normalizacao",
        { p_endereco: valores.endereco, p_documento: valores.documento, p_padrao: padrao },
        Sinalizadores,
      ),
  };
}
