import { slotsBetween } from "#core/cron";
import type { SlotSkip } from "#core/executions";
import { localDay, localFields } from "#core/runtime";
import type { ScheduleEntry } from "./entry.ts";

const MINUTE_MS = 60_000;
/** A longer gap than this many slots is accounted for from its end; no scheduler that was down this long is asked why. */
const MAX_SLOTS = 200_000;

export interface SlotPlan {
  /** The slot of the current minute, if the job has one. */
  due: Date | null;
  /** The latest missed slot, if it still deserves a run. */
  catchUp: Date | null;
  /** Slots given up, with the reason. */
  skips: SlotSkip[];
  /** Every slot up to here is accounted for once `skips` are written and `due`/`catchUp` are decided. */
  watermark: Date;
}

/**
 * Which slots of one job are due, caught up or given up at `now`, given that all up to `watermark` are accounted for. Pure.
 * Only the latest missed slot can run, once, within its grace, and only if no later slot is due now; older ones are coalesced
 * into it or lost, and say so.
 */
export function planSlots(entry: ScheduleEntry, watermark: Date, now: Date): SlotPlan {
  const slots = slotsBetween(entry.cron, watermark, now, MAX_SLOTS);
  const last = slots.at(-1);
  if (last === undefined) return { due: null, catchUp: null, skips: [], watermark };

  const due = now.getTime() - last.getTime() < MINUTE_MS ? last : null;
  const missed = due ? slots.slice(0, -1) : slots;
  const latest = missed.at(-1);
  const catchUp = latest && !due && deservesRun(entry, latest, now) ? latest : null;
  const successor = catchUp ?? due;
  const skips = missed
    .filter((slot) => slot !== catchUp)
    .map(
      (slot): SlotSkip =>
        successor
          ? { job: entry.name, slot, motivo: "coalescido", detalhe: `coberto pelo horário ${successor.toISOString()}` }
          : { job: entry.name, slot, motivo: "perdido", detalhe: lostBecause(entry, slot, now) },
    );
  return { due, catchUp, skips, watermark: last };
}

function deservesRun({ misfire }: ScheduleEntry, slot: Date, now: Date): boolean {
  const local = localFields(now);
  if (misfire.window && (local.hour < misfire.window.from || local.hour >= misfire.window.to)) return false;
  if (misfire.untilHour !== undefined) return local.date === localDay(slot) && local.hour < misfire.untilHour;
  return now.getTime() - slot.getTime() <= misfire.graceS * 1000;
}

function lostBecause({ misfire }: ScheduleEntry, slot: Date, now: Date): string {
  const lateS = Math.round((now.getTime() - slot.getTime()) / 1000);
  const limit =
    misfire.untilHour === undefined ? `tolerância de ${misfire.graceS} s` : `até as ${misfire.untilHour}h do dia`;
  return `nenhum scheduler o reivindicou; visto com ${lateS} s de atraso (${limit})`;
}
