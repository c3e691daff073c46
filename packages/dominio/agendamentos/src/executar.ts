import { AppError, PermanentError } from "#core/runtime";
import type { BatchItem, BatchOutcome, RunnableTask, TaskArgs } from "#core/tasks";
import type { Agendamentos, ItemCarregado, ItemSalvo, Sinalizadores } from "./agendamentos.ts";
import type { DocumentosNormalizados } from "./normalizar/documentos-normalizados.ts";
import type { EnderecoNormalizado } from "./normalizar/endereco-normalizado.ts";
import type { Normalizador } from "./normalizar/provedor.ts";
import { temConteudo } from "./normalizar/texto.ts";
import { normalizarAgendamento, type PARTES } from "./tarefa.ts";

/** Tarefas que o normalizador sem rede leva de uma vez: três idas ao banco por tantas. */
export const LOTE_SEM_REDE = 100;

type Parte = (typeof PARTES)[number];
type Item = BatchItem<TaskArgs<typeof normalizarAgendamento>>;
type Fim = BatchOutcome<{ success: true; appointment_id: string; fields_normalized: Parte[] }>;

/** O que se sabe de um item enquanto as suas partes são normalizadas. */
interface Andamento {
  item: Item;
  carregado: ItemCarregado;
  feitas: Parte[];
  /** Falta gravar. */
  endereco?: EnderecoNormalizado;
  documento?: DocumentosNormalizados;
  /** A primeira falha; uma definitiva não impede a outra parte, uma passageira impede. */
  falha?: unknown;
  ativas: number;
  /** O estado final já foi gravado. */
  terminou?: boolean;
  /** Outro texto, ou outro dono da tarefa: nada mais a fazer aqui. */
  parou?: "mudou" | "perdido";
}

/**
 * O corpo de `normalize_appointment` (§3.4). Com o normalizador sem rede, um lote inteiro é lido, normalizado e gravado em duas idas
 * ao banco; com um externo, uma tarefa por vez, e cada parte é gravada assim que existe, para que uma nova tentativa não a pague
 * de novo.
 */
export function criarTarefaNormalizacao(deps: {
  agendamentos: Agendamentos;
  normalizador: Normalizador;
}): RunnableTask {
  const { normalizador } = deps;
  return normalizarAgendamento.handleBatch(normalizador.externo ? 1 : LOTE_SEM_REDE, (itens, signal) =>
    normalizarLote(itens, signal, deps),
  );
}

async function normalizarLote(
  itens: Item[],
  signal: AbortSignal,
  { agendamentos, normalizador }: { agendamentos: Agendamentos; normalizador: Normalizador },
): Promise<Fim[]> {
  const { itens: carregados, sinalizadores } = await agendamentos.carregar(
    itens.map((i) => ({ id: i.args.appointment_id, job_id: i.jobId, token: i.leaseToken })),
  );
  const porId = new Map(carregados.map((c) => [c.id, c]));
  const andamentos = itens.map((item) => comecar(item, porId.get(item.args.appointment_id), sinalizadores));
  const vivos = andamentos.filter((a) => a !== null);

  for (const a of vivos) await normalizarEndereco(a, sinalizadores, normalizador, signal);
  // Uma parte paga é gravada na hora; sem outra à espera, já com o estado final, e a segunda gravação nada tem a fazer.
  if (normalizador.externo)
    await gravarPartes(vivos, agendamentos, !vivos.some((a) => faltaDocumento(a, sinalizadores)));
  for (const a of vivos) await normalizarDocumento(a, sinalizadores, normalizador, signal);
  await gravarPartes(vivos, agendamentos, true);

  return itens.map((item, i) => {
    const a = andamentos[i];
    if (!a) return { failed: new PermanentError("nao_encontrado", "Agendamento não encontrado") };
    if (a.parou !== undefined) {
      item.log.info(
        a.parou === "mudou" ? "o texto mudou; uma nova tarefa o normaliza" : "a tarefa já é de outro processo",
      );
      return { ok: { success: true, appointment_id: item.args.appointment_id, fields_normalized: [] } };
    }
    if (a.falha !== undefined) {
      item.log.error(`falhou: ${textoDa(a.falha)}`);
      return { failed: a.falha };
    }
    item.log.info("completed");
    return { ok: { success: true, appointment_id: item.args.appointment_id, fields_normalized: a.feitas } };
  });
}

function comecar(item: Item, carregado: ItemCarregado | undefined, sinalizadores: Sinalizadores): Andamento | null {
  if (!carregado) return null;
  item.log.info("start");
  const endereco = sinalizadores.endereco && temConteudo(carregado.endereco);
  const documento = sinalizadores.documento && temConteudo(carregado.documento);
  return { item, carregado, feitas: [], ativas: Number(endereco) + Number(documento) };
}

async function normalizarEndereco(
  a: Andamento,
  { endereco: ligado }: Sinalizadores,
  normalizador: Normalizador,
  signal: AbortSignal,
): Promise<void> {
  const texto = a.carregado.endereco;
  if (!ligado || !temConteudo(texto)) return;
  if (a.carregado.endereco_feito) {
    a.feitas.push("endereco_normalizado");
    return;
  }
  a.item.log.info("normalizing address");
  try {
    a.endereco = await normalizador.normalizarEndereco(texto, signal);
    a.feitas.push("endereco_normalizado");
    a.item.log.info("address normalized");
  } catch (err) {
    a.falha = err;
  }
}

function faltaDocumento(a: Andamento, { documento: ligado }: Sinalizadores): boolean {
  return ligado && temConteudo(a.carregado.documento) && !a.carregado.documento_feito;
}

async function normalizarDocumento(
  a: Andamento,
  { documento: ligado }: Sinalizadores,
  normalizador: Normalizador,
  signal: AbortSignal,
): Promise<void> {
  const texto = a.carregado.documento;
  if (!ligado || !temConteudo(texto) || a.parou !== undefined) return;
  if (a.carregado.documento_feito) {
    a.feitas.push("documento_normalizado");
    return;
  }
  // Com o provedor fora do ar, a segunda pergunta teria a mesma sorte.
  if (a.falha !== undefined && !(a.falha instanceof PermanentError)) return;
  a.item.log.info("normalizing documents");
  try {
    a.documento = await normalizador.normalizarDocumentos(texto, signal);
    a.feitas.push("documento_normalizado");
    a.item.log.info("documents normalized");
  } catch (err) {
    a.falha ??= err;
  }
}

/** Grava o que há de novo; com `fim`, também o estado final de quem não falhou. */
async function gravarPartes(andamentos: readonly Andamento[], agendamentos: Agendamentos, fim = false): Promise<void> {
  const itens = andamentos.flatMap((a): ItemSalvo[] => {
    const { carregado, item, endereco, documento } = a;
    const termina = fim && a.falha === undefined;
    if (a.parou !== undefined || a.terminou || (!termina && !endereco && !documento)) return [];
    if (termina) a.terminou = true;
    delete a.endereco;
    delete a.documento;
    return [
      {
        id: carregado.id,
        job_id: item.jobId,
        token: item.leaseToken,
        endereco_hash: carregado.endereco_hash,
        documento_hash: carregado.documento_hash,
        ...(endereco ? { endereco } : {}),
        ...(documento ? { documento, cpf: documento.cpf, rg: documento.rg } : {}),
        ...(termina ? { fim: a.ativas === 0 ? "skipped" : "completed" } : {}),
      },
    ];
  });
  if (itens.length === 0) return;
  const gravados = await agendamentos.salvar(itens);
  for (const a of andamentos) {
    const gravado = gravados[a.carregado.id];
    if (gravado === "mudou" || gravado === "perdido") a.parou = gravado;
  }
}

function textoDa(err: unknown): string {
  return err instanceof AppError ? err.code : "erro inesperado";
}
