import { catalogo, type Entrada, recuperacaoDe } from "#catalogo";
import { explainRetired, nearNames, type ScheduledJob } from "#core/operations";
import { MOMENT_FORMS, PermanentError, parseMoment } from "#core/runtime";
import { graceOf } from "#core/scheduler";
import type { ApiDeps } from "../deps.ts";

/** A entrada do catálogo, pelo nome; hífens valem por sublinhados. Uma que não há é 404 que sugere nomes parecidos. */
export function entradaDe(nome: string, campo = "nome"): Entrada {
  const entrada = catalogo.find((e) => e.nome === nome.replaceAll("-", "_"));
  if (entrada) return entrada;
  const parecidos = nearNames(
    nome,
    catalogo.map((e) => e.nome),
  );
  const dica = parecidos.length === 0 ? "veja os nomes em GET /jobs" : `você quis dizer ${parecidos.join(" ou ")}?`;
  throw new PermanentError("nao_encontrado", `o job ${nome} não existe; ${dica}`, { campo });
}

/** O mesmo, para perguntas sobre o passado: de um job que saiu do catálogo diz isso, e quando foi visto. */
export async function entradaOuAposentada({ db }: ApiDeps, nome: string): Promise<Entrada> {
  try {
    return entradaDe(nome);
  } catch (err) {
    const frase = await explainRetired(db, nome);
    throw frase === null ? err : new PermanentError("nao_encontrado", frase, { campo: "nome" });
  }
}

/** O que a auditoria e a explicação precisam saber de uma entrada. */
export function entradaAuditada({ nome, schedule, periodoS }: Entrada): ScheduledJob {
  const { untilHour } = recuperacaoDe(nome);
  return { name: nome, cron: schedule, graceS: graceOf(periodoS), ...(untilHour === undefined ? {} : { untilHour }) };
}

/** Os nomes em que a linha de uma execução pode estar: o da entrada, e à mão o do job que ela roda. */
export function nomesDe({ nome, job }: Entrada): string[] {
  return nome === job.name ? [nome] : [nome, job.name];
}

export function momento(texto: string, campo: string, agora: Date): Date {
  const em = parseMoment(texto, agora);
  if (em) return em;
  throw new PermanentError("parametro_invalido", `${campo} deve ser ${MOMENT_FORMS}`, { campo });
}
