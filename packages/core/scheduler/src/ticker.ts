import type { Timers } from "#core/executions";
import type { Clock } from "#core/runtime";

export interface Step {
  agora: Date;
  /** How far the wall clock moved by itself since the last step, ms; 0 when it runs true. */
  jumpMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const JUMP_MS = 1_000;

/**
 * One timer for everything: sleeps towards the next whole second in steps of at most `stepMs`, so that a clock that jumps
 * is seen soon and no schedule waits behind another. It says what time it is; what is due is for the planner to derive from
 * slots, so a step too many or a little early does no harm. Returns what stops it. Steps above a second (simulations of schedules
 * by the minute) meet whole minutes only.
 */
export function startTicker(options: {
  clock: Clock;
  timers: Timers;
  onStep(step: Step): void;
  stepMs?: number;
}): () => void {
  const { clock, timers, onStep, stepMs = 500 } = options;
  const meetMs = stepMs > SECOND_MS ? MINUTE_MS : SECOND_MS;
  let lastWall = clock.now().getTime();
  let lastMono = clock.monotonicMs();
  let cancel = () => {};
  let stopped = false;

  const step = () => {
    const agora = clock.now();
    const mono = clock.monotonicMs();
    const drift = agora.getTime() - lastWall - (mono - lastMono);
    lastWall = agora.getTime();
    lastMono = mono;
    onStep({ agora, jumpMs: Math.abs(drift) >= JUMP_MS ? Math.round(drift) : 0 });
    if (stopped) return;
    // From the instant that was looked at, not from now: a second that began during the step has not been looked at yet.
    const target = Math.min(agora.getTime() + stepMs, (Math.floor(agora.getTime() / meetMs) + 1) * meetMs);
    cancel = timers.after(Math.min(stepMs, Math.max(0, target - clock.now().getTime())), step);
  };
  cancel = timers.after(0, step);
  return () => {
    stopped = true;
    cancel();
  };
}
