import { minuteOf, slotsBetween } from "#core/cron";
import { momentWords } from "#core/runtime";
import { openUntil, type ScheduledJob } from "./scheduled-job.ts";

/**
 * The fate of a slot:
 * - `no_horario` started within the tolerance; `atrasado` started later (`lateMs`), caught up included;
 * - `pulado` on record as not run, with its reason; `perdido` the same, because nobody was there to run it in time. The next
 *   scheduler to start puts it on record; until then the silence of all schedulers says as much (`agendador_parado`);
 * - `pendente` expected and not on record yet, but its time is not over;
 * - `inexplicado` expected and not on record although a scheduler was there to record it: what must never be;
 * - `duplicado` on record as run and as skipped;
 * - `fora_da_agenda` on record but not expected: no such job, no such slot, or before the job was registered.
 */
export const SLOT_LABELS = [
  "no_horario",
  "atrasado",
  "pulado",
  "perdido",
  "pendente",
  "inexplicado",
  "duplicado",
  "fora_da_agenda",
] as const;
export type SlotLabel = (typeof SLOT_LABELS)[number];

/** What the ledger has of one slot: `execution`, `skip`, or (wrongly) both. */
export interface RecordedSlot {
  job: string;
  slot: Date;
  execution: { id: string; startedAt: Date; trigger: string; status: string } | null;
  skip: { motivo: string; detalhe: string | null } | null;
}

export interface SlotVerdict {
  job: string;
  slot: Date;
  label: SlotLabel;
  /** Start minus slot, ms; null when it did not run. */
  lateMs: number | null;
  /** Reason of a skip, or why it is off schedule. */
  motivo: string | null;
  detalhe: string | null;
  executionId: string | null;
  /** `running | success | error | timeout`; null when it did not run. */
  status: string | null;
}

export interface Span {
  /** Inclusive. */
  from: Date;
  /** Exclusive. */
  until: Date;
}

/** The database's clock may be a little ahead of the one that tells `agora`; claims are refused beyond this. */
const AHEAD_MS = 30_000;
/** An expected slot is recorded as given up on the first tick after its own minute; this leaves a slow tick its time. */
const RECORDED_WITHIN_MS = 90_000;
const OWN_MINUTE_MS = 60_000;

/**
 * Expected slots of one job against what is on record of it, by slot. Pure.
 * @param entry null: the job is in no catalogue, all its slots are off schedule.
 * @param registeredAt since when slots are expected (the minute it falls in included); null: no scheduler ever knew the job.
 * @param lastStepAt when any scheduler last went through its schedules; null: nobody knows.
 * @param recorded all recorded slots of this job in the span, ascending.
 */
export function compareSlots(options: {
  job: string;
  entry: ScheduledJob | null;
  registeredAt: Date | null;
  lastStepAt: Date | null;
  recorded: readonly RecordedSlot[];
  span: Span;
  agora: Date;
  toleranceMs: number;
}): SlotVerdict[] {
  const { job, entry, registeredAt, lastStepAt, recorded, span, agora, toleranceMs } = options;
  const horizon = new Date(agora.getTime() + AHEAD_MS);
  const expected = entry && registeredAt ? expectedSlots(entry, registeredAt, span, horizon) : [];
  const verdicts: SlotVerdict[] = [];
  let e = 0;
  let r = 0;
  while (e < expected.length || r < recorded.length) {
    const due = expected[e];
    const record = recorded[r];
    const order = (due?.getTime() ?? Number.POSITIVE_INFINITY) - (record?.slot.getTime() ?? Number.POSITIVE_INFINITY);
    if (due !== undefined && order < 0) {
      if (due.getTime() <= agora.getTime())
        verdicts.push(absent(job, due, entry === null ? due : openUntil(entry, due), lastStepAt, agora));
      e++;
    } else if (record !== undefined) {
      const why = order === 0 ? null : reasonOff(entry, registeredAt, record.slot);
      verdicts.push(present(record, why, toleranceMs));
      r++;
      if (order === 0) e++;
    }
  }
  return verdicts;
}

/** Slots in the span that are due by `agora`, from the minute of the registration on. */
function expectedSlots(entry: { cron: string }, registeredAt: Date, span: Span, agora: Date): Date[] {
  const from = Math.max(span.from.getTime(), minuteOf(registeredAt).getTime());
  const last = Math.min(span.until.getTime() - 1, agora.getTime());
  return last < from ? [] : slotsBetween(entry.cron, new Date(from - 1), new Date(last));
}

function absent(job: string, slot: Date, until: Date, lastStepAt: Date | null, agora: Date): SlotVerdict {
  const nothing = { job, slot, lateMs: null, motivo: null, detalhe: null, executionId: null, status: null };
  const overMs = Math.max(slot.getTime(), until.getTime());
  if (agora.getTime() <= overMs + RECORDED_WITHIN_MS) return { ...nothing, label: "pendente" };
  // Whoever was to record it had until its own minute or its grace was over, and all schedulers stopped before.
  if (lastStepAt !== null && lastStepAt.getTime() < Math.max(overMs, slot.getTime() + OWN_MINUTE_MS)) {
    const detalhe = `nenhum agendador ativo desde ${momentWords(lastStepAt, { seconds: true })}`;
    return { ...nothing, label: "perdido", motivo: "agendador_parado", detalhe };
  }
  return { ...nothing, label: "inexplicado" };
}

function present(record: RecordedSlot, off: string | null, toleranceMs: number): SlotVerdict {
  const { job, slot, execution, skip } = record;
  const lateMs = execution === null ? null : Math.max(0, execution.startedAt.getTime() - slot.getTime());
  const label = (): SlotLabel => {
    if (off !== null) return "fora_da_agenda";
    if (execution !== null && skip !== null) return "duplicado";
    if (lateMs !== null) return lateMs <= toleranceMs ? "no_horario" : "atrasado";
    return skip?.motivo === "perdido" ? "perdido" : "pulado";
  };
  return {
    job,
    slot,
    label: label(),
    lateMs,
    motivo: off ?? skip?.motivo ?? null,
    detalhe: skip?.detalhe ?? null,
    executionId: execution?.id ?? null,
    status: execution?.status ?? null,
  };
}

function reasonOff(entry: ScheduledJob | null, registeredAt: Date | null, slot: Date): string {
  if (entry === null) return "job_fora_do_catalogo";
  if (registeredAt === null || slot.getTime() < minuteOf(registeredAt).getTime()) return "antes_do_registro";
  return "horario_fora_do_cron";
}
