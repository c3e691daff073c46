import { z } from "zod";
import { type Db, rpc } from "#core/db";
import { instant } from "#core/executions";
import {
  compareSlots,
  type RecordedSlot,
  SLOT_LABELS,
  type SlotLabel,
  type SlotVerdict,
  type Span,
} from "./compare-slots.ts";
import type { ScheduledJob } from "./scheduled-job.ts";

export type LabelCounts = Record<SlotLabel, number>;

export interface AuditReport {
  from: Date;
  until: Date;
  agora: Date;
  /** Expected slots; equals the sum of all labels but `fora_da_agenda`. */
  expected: number;
  counts: LabelCounts;
  perJob: Record<string, LabelCounts>;
  /** What is not `no_horario`, by job and slot; at most `maxFindings` (the counts are of all). */
  findings: SlotVerdict[];
  /** The acceptance bar: nothing unexplained, nothing twice, nothing off schedule. */
  clean: boolean;
}

export interface AuditOptions {
  db: Db;
  entries: readonly ScheduledJob[];
  span: Span;
  agora: Date;
  /** Only these jobs; default all of the catalogue and all names of the ledger. */
  jobs?: readonly string[];
  /** A start within this of its slot is on time, ms. */
  toleranceMs?: number;
  maxFindings?: number;
  /** Which labels to list; default all but `no_horario`. */
  list?: readonly SlotLabel[];
  signal?: AbortSignal;
}

/** A slot is to be dispatched within 2 s of its minute (`domain/scheduler-and-health.md` §1.3). */
const TOLERANCE_MS = 2_000;
const PAGE = 5_000;
/** 35 jobs leave 49,000 slots a week; this many are 40 weeks, and more than anybody may ask for. */
const MAX_PAGES = 400;

const page = z.object({
  slots: z.array(
    z.object({
      job_name: z.string(),
      scheduled_for: instant,
      execution_id: z.string().nullable(),
      started_at: instant.nullable(),
      trigger: z.string().nullable(),
      status: z.string().nullable(),
      motivo: z.string().nullable(),
      detalhe: z.string().nullable(),
    }),
  ),
  continua: z.boolean(),
});
const lastStep = z.object({ em: instant.nullable() });
const registered = z.array(z.object({ job_name: z.string(), registered_at: instant }));

/**
 * Proves that no slot was lost: every slot that the schedules have in the span, clipped to what has come due by `agora` and
 * to the time since the job was registered (`scheduler_jobs.registered_at`), is in `job_executions` or in
 * `job_slots_pulados`, exactly once, and nothing else is; or no scheduler has been there since to record it. Manual runs stand for no slot and are not looked at.
 *
 * Reads pages of 5,000 slots; memory grows with one job's slots and the findings, not with the span.
 */
export async function auditSlots(options: AuditOptions): Promise<AuditReport> {
  const { db, entries, span, agora, toleranceMs = TOLERANCE_MS, maxFindings = 10_000 } = options;
  const listed = new Set<SlotLabel>(options.list ?? SLOT_LABELS.filter((l) => l !== "no_horario"));
  const known = new Map(entries.map((e) => [e.name, e]));
  const wanted = (name: string) => options.jobs === undefined || options.jobs.includes(name);
  const p_jobs = options.jobs === undefined ? {} : { p_jobs: [...options.jobs] };
  const since = new Map(
    (await rpc(db, "jobs_do_agendador", p_jobs, registered)).map((j) => [j.job_name, j.registered_at]),
  );
  // Asked before the slots: what is recorded meanwhile may only be more.
  const { em: lastStepAt } = await rpc(db, "ultimo_passo_do_agendador", {}, lastStep);

  const report: AuditReport = {
    from: span.from,
    until: span.until,
    agora,
    expected: 0,
    counts: noCounts(),
    perJob: {},
    findings: [],
    clean: true,
  };
  const judge = (job: string, recorded: readonly RecordedSlot[]) => {
    const entry = known.get(job) ?? null;
    const registeredAt = since.get(job) ?? null;
    const counts = noCounts();
    for (const v of compareSlots({ job, entry, registeredAt, lastStepAt, recorded, span, agora, toleranceMs })) {
      counts[v.label]++;
      report.counts[v.label]++;
      if (listed.has(v.label) && report.findings.length < maxFindings) report.findings.push(v);
    }
    if (Object.values(counts).some((n) => n > 0)) report.perJob[job] = counts;
  };

  const unseen = new Set(entries.map((e) => e.name).filter(wanted));
  for await (const { job, recorded } of recordedByJob(db, span, p_jobs, options.signal)) {
    unseen.delete(job);
    judge(job, recorded);
  }
  for (const job of unseen) judge(job, []);

  const { counts } = report;
  report.expected = SLOT_LABELS.reduce((n, l) => n + (l === "fora_da_agenda" ? 0 : counts[l]), 0);
  report.clean = counts.inexplicado + counts.duplicado + counts.fora_da_agenda === 0;
  return report;
}

/** The recorded slots of the span, one job after another. */
async function* recordedByJob(
  db: Db,
  span: Span,
  p_jobs: { p_jobs?: string[] },
  signal?: AbortSignal,
): AsyncGenerator<{ job: string; recorded: RecordedSlot[] }> {
  let recorded: RecordedSlot[] = [];
  let after = {};
  for (let n = 0; n < MAX_PAGES; n++) {
    const args = { p_desde: span.from.toISOString(), p_ate: span.until.toISOString(), p_limite: PAGE };
    const answer = await rpc(
      db,
      "slots_registrados",
      { ...args, ...p_jobs, ...after },
      page,
      signal === undefined ? {} : { signal },
    );
    for (const s of answer.slots) {
      const previous = recorded[0]?.job;
      if (previous !== undefined && previous !== s.job_name) {
        yield { job: previous, recorded };
        recorded = [];
      }
      recorded.push({
        job: s.job_name,
        slot: s.scheduled_for,
        execution:
          s.execution_id === null || s.started_at === null
            ? null
            : { id: s.execution_id, startedAt: s.started_at, trigger: s.trigger ?? "", status: s.status ?? "" },
        skip: s.motivo === null ? null : { motivo: s.motivo, detalhe: s.detalhe },
      });
    }
    const last = answer.slots.at(-1);
    if (!answer.continua || last === undefined) {
      if (recorded[0]) yield { job: recorded[0].job, recorded };
      return;
    }
    after = { p_depois_job: last.job_name, p_depois_slot: last.scheduled_for.toISOString() };
  }
  throw new RangeError(`auditSlots: mais de ${MAX_PAGES * PAGE} horários no período; peça um período menor`);
}

function noCounts(): LabelCounts {
  return Object.fromEntries(SLOT_LABELS.map((l) => [l, 0])) as LabelCounts;
}
