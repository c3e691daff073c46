import { createHash } from "node:crypto";
import type { Clock } from "#core/runtime";
import type { Agendamentos, LinhaAgendamento } from "./agendamentos.ts";
import { temConteudo } from "./normalizar/texto.ts";
import { type ErroDeLinha, lerAgendamentos } from "./planilha/ler-agendamentos.ts";

/** Um agendamento pedido sozinho, com as mesmas regras de uma linha de planilha. */
export function linhaDoPedido(pedido: {
  nome: string;
  telefone?: string | undefined;
  data?: string | undefined;
  hora?: string | undefined;
  endereco_completo?: string | undefined;
  documento_completo?: string | undefined;
}): LinhaAgendamento {
  const { telefone = null, data = null, hora = null, endereco_completo: endereco = null } = pedido;
  const documento = pedido.documento_completo ?? null;
  const tem_endereco = temConteudo(endereco);
  return {
    linha: null,
    nome: pedido.nome,
    telefone,
    data,
    hora,
    endereco,
    documento,
    tem_endereco,
    tem_documento: temConteudo(documento),
  };
}

export interface RespostaImportacao {
  success: true;
  message: string;
  import_id: string;
  /** Linhas com dados. */
  total: number;
  imported: number;
  rejected: number;
  /** Entraram, mas nada têm a normalizar. */
  skipped: number;
  jobs_enqueued: number;
  errors: ErroDeLinha[];
}

/**
 * Lê uma planilha e grava, numa transação, a importação, os agendamentos e as suas tarefas: tudo ou nada. Nada é normalizado aqui.
 * Lança `PermanentError`: `dados_ilegiveis` (não é uma planilha), `corpo_grande_demais`, `conflito` (o mesmo arquivo em 24 h).
 */
export async function importarPlanilha(
  arquivo: { nome: string; conteudo: Buffer },
  opcoes: { forcar: boolean; clock: Clock; agendamentos: Agendamentos },
): Promise<RespostaImportacao> {
  const inicioMs = opcoes.clock.monotonicMs();
  const { linhas, rejeitadas, erros } = await lerAgendamentos(arquivo.conteudo);
  const gravada = await opcoes.agendamentos.importar(
    {
      nome: arquivo.nome,
      sha256: createHash("sha256").update(arquivo.conteudo).digest("hex"),
      rejected: rejeitadas,
      duracao_ms: Math.round(opcoes.clock.monotonicMs() - inicioMs),
    },
    linhas,
    opcoes.forcar,
  );
  return {
    success: true,
    message: "Importação concluída",
    ...gravada,
    total: linhas.length + rejeitadas,
    rejected: rejeitadas,
    errors: erros,
  };
}
