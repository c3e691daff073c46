import type { z } from "zod";
import type { HistoryLine, historyAnswer, JobStatus, jobsAnswer, Pause, pauseAnswer, Run } from "#core/operations";

type Jobs = z.input<typeof jobsAnswer>["jobs"][number];
type Historia = z.input<typeof historyAnswer>["linhas"][number];

const iso = (em: Date | null): string | null => em?.toISOString() ?? null;

export function execucaoJson(r: Run): NonNullable<Jobs["ultima"]> {
  return {
    execucao_id: r.id,
    horario: iso(r.slot),
    inicio: r.startedAt.toISOString(),
    fim: iso(r.finishedAt),
    status: r.status,
    gatilho: r.trigger,
    duracao_ms: r.durationMs,
    http: r.responseCode,
    itens: r.items,
    erro: r.error,
  };
}

export function emAndamentoJson(r: JobStatus["running"]): Jobs["em_andamento"] {
  if (r === null) return null;
  const p = r.progress;
  return {
    ...execucaoJson(r),
    progresso: p && { feitos: p.done, total: p.total, texto: p.text, em: p.at.toISOString() },
  };
}

export function pausaJson(p: Pause): z.input<typeof pauseAnswer>["pausas"][number]["depois"] {
  return { motivo: p.motivo, autor: p.autor, desde: p.desde.toISOString(), ate: iso(p.ate) };
}

export function linhaJson(h: HistoryLine): Historia {
  return {
    execucao_id: h.executionId,
    horario: iso(h.slot),
    inicio: iso(h.startedAt),
    status: h.status,
    gatilho: h.trigger,
    duracao_ms: h.durationMs,
    http: h.responseCode,
    itens: h.items,
    erro: h.error,
    motivo: h.motivo,
    detalhe: h.detalhe,
  };
}
