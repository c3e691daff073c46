import type { SlotSkip } from "#core/executions";
import { catchUpDeadline, inCatchUpWindow, ownSpanMs, type ScheduleEntry, slotAfter, slotsOf } from "./entry.ts";

/**
 * Which slots are due, missed, given up or caught up: pure, one entry at a time. Every slot of an entry leaves this file
 * exactly once, as due, as a catch-up or as a skip, unless its attempt comes back through `settle`.
 */
export interface EntryState {
  readonly entry: ScheduleEntry;
  /** The last slot planned, or the watermark of the ledger; all up to it are accounted for or in `pending`. */
  planned: Date;
  /** First slot after `planned`; null until it is asked for (computed after dispatch, not before). */
  next: Date | null;
  /** The latest missed slot, waiting for its catch-up. */
  pending: { slot: Date; notBefore: Date } | null;
}

export interface EntryPlan {
  due: Date | null;
  catchUp: Date | null;
  skips: SlotSkip[];
}

export type AttemptEnd =
  /** Somebody has it, we or another; or it is recorded as skipped for good. */
  | "accounted"
  /** The previous run was still going; recorded as sobreposicao. */
  | "overlap"
  /** The ledger could not be asked. */
  | "unclaimed";

/** Older slots than this are not even recorded as missed: retention would remove them at once. */
const BACKLOG_MS = 90 * 86_400_000;
const NOTHING: EntryPlan = { due: null, catchUp: null, skips: [] };

/**
 * @param lastSlot last slot the ledger accounts for; null: none yet, and then `registeredAt` is where slots begin, the
 * minute it falls in included.
 */
export function initialState(entry: ScheduleEntry, lastSlot: Date | null, registeredAt: Date, agora: Date): EntryState {
  const watermark = lastSlot?.getTime() ?? spanStart(entry, registeredAt) - 1;
  return { entry, planned: new Date(Math.max(watermark, agora.getTime() - BACKLOG_MS)), next: null, pending: null };
}

export function nextOf(state: EntryState): Date {
  state.next ??= slotAfter(state.entry, state.planned);
  return state.next;
}

/** What this entry needs at `agora`; moves `state` on. A clock that steps back finds nothing due. */
export function planEntry(state: EntryState, agora: Date): EntryPlan {
  const next = nextOf(state);
  const isDue = next.getTime() <= agora.getTime();
  if (!isDue && state.pending === null) return NOTHING;

  const plan: EntryPlan = { due: null, catchUp: null, skips: [] };
  const spanMs = ownSpanMs(state.entry);
  if (isDue) {
    const onTime = agora.getTime() < next.getTime() + spanMs;
    const slots = onTime ? [next] : slotsOf(state.entry, state.planned, agora);
    const latest = slots.at(-1) as Date;
    const older = slots.slice(0, -1);
    if (state.pending) older.unshift(state.pending.slot);
    for (const slot of older) plan.skips.push(supersede(state.entry, slot, latest, agora));
    state.planned = latest;
    state.next = null;
    if (agora.getTime() < latest.getTime() + spanMs) {
      plan.due = latest;
      state.pending = null;
    } else state.pending = { slot: latest, notBefore: agora };
  }
  if (state.pending) planPending(state, state.pending, agora, plan);
  return plan;
}

function planPending(state: EntryState, pending: { slot: Date; notBefore: Date }, agora: Date, plan: EntryPlan): void {
  const { entry } = state;
  const open = inCatchUpWindow(entry, agora);
  const late = agora.getTime() > catchUpDeadline(entry, pending.slot).getTime();
  // Nothing is given up within its own minute: another scheduler may still take it.
  if (late && agora.getTime() >= pending.slot.getTime() + ownSpanMs(entry)) {
    plan.skips.push(open ? missed(entry, pending.slot) : outOfWindow(entry, pending.slot));
    state.pending = null;
  } else if (!late && open && agora.getTime() >= pending.notBefore.getTime()) plan.catchUp = pending.slot;
}

/** A catch-up was taken up: not offered again before `notBefore`. */
export function postpone(state: EntryState, slot: Date, notBefore: Date): void {
  if (state.pending?.slot.getTime() === slot.getTime()) state.pending.notBefore = notBefore;
}

/** How the attempt at `slot` ended. Answers the skip to record when no later moment will account for the slot. */
export function settle(state: EntryState, slot: Date, end: AttemptEnd, agora: Date): SlotSkip | null {
  if (end === "accounted") {
    if (state.pending?.slot.getTime() === slot.getTime()) state.pending = null;
    return null;
  }
  // A later slot has come up meanwhile and does this one's work. (An overlap has its record already.)
  if (state.planned.getTime() > slot.getTime()) return end === "overlap" ? null : missed(state.entry, slot);
  // Not before its own minute is over, and then at most once a minute.
  state.pending = { slot, notBefore: new Date(spanStart(state.entry, agora) + ownSpanMs(state.entry)) };
  return null;
}

/** The database does not think it is time yet: as if the slot had not been planned. */
export function unplan(state: EntryState, slot: Date): void {
  if (state.planned.getTime() !== slot.getTime()) return;
  state.planned = new Date(slot.getTime() - 1);
  state.next = null;
}

/** The minute (of finer schedules: the span of a slot) that `at` falls in. */
function spanStart(entry: ScheduleEntry, at: Date): number {
  const spanMs = ownSpanMs(entry);
  return Math.floor(at.getTime() / spanMs) * spanMs;
}

function supersede(entry: ScheduleEntry, slot: Date, by: Date, agora: Date): SlotSkip {
  if (agora.getTime() > catchUpDeadline(entry, slot).getTime()) return missed(entry, slot);
  return { job: entry.name, slot, motivo: "coalescido", detalhe: `coberto pelo horário ${by.toISOString()}` };
}

function missed(entry: ScheduleEntry, slot: Date): SlotSkip {
  const limit =
    entry.misfire.untilHour === undefined
      ? `tolerância de ${entry.misfire.graceS} s`
      : `recuperável até as ${entry.misfire.untilHour} h do dia`;
  return { job: entry.name, slot, motivo: "perdido", detalhe: `nenhum agendador o executou a tempo; ${limit}` };
}

function outOfWindow(entry: ScheduleEntry, slot: Date): SlotSkip {
  const { from, to } = entry.misfire.window ?? { from: 0, to: 24 };
  const detalhe = `recuperação só das ${from} às ${to} h`;
  return { job: entry.name, slot, motivo: "fora_da_janela", detalhe };
}
