import { durationWords, instantOf, localDay } from "#core/runtime";

/** A schedule that is audited and explained; the mechanism knows no catalogue. */
export interface ScheduledJob {
  readonly name: string;
  readonly cron: string;
  /** Until when a missed slot may still start, or be recorded as given up, seconds after the slot. At least 90 is allowed. */
  readonly graceS: number;
  /** Instead of the grace: until this hour (São Paulo) of the slot's own date. */
  readonly untilHour?: number;
}

/** The last instant at which a scheduler may still start the slot. */
export function openUntil({ graceS, untilHour }: ScheduledJob, slot: Date): Date {
  if (untilHour !== undefined) return instantOf(localDay(slot), untilHour);
  return new Date(slot.getTime() + graceS * 1000);
}

/** Why a slot that was not run in time is not run any more: the end of a sentence. */
export function graceWords({ graceS, untilHour }: ScheduledJob): string {
  if (untilHour !== undefined) return `só podia começar até as ${untilHour} h do dia`;
  return graceS === 0 ? "o minuto seguinte faz o trabalho" : `a tolerância é de ${durationWords(graceS * 1000)}`;
}
