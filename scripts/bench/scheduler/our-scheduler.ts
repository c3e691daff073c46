/** The true scheduler with N schedules due in the same second. In: `Task`; out: `Lags` for every slot but the first. */
import { createDb } from "#core/db";
import { createLedger, type Ledger, systemTimers } from "#core/executions";
import { createSender } from "#core/http";
import { createLogger, systemClock } from "#core/runtime";
import { createScheduler, type ScheduleEntry } from "#core/scheduler";
import { instantMs } from "./instant.ts";

export interface Task {
  count: number;
  /** Slots in which code is compiled, caches fill and sockets open; reported apart. */
  warmUp: number;
  /** Slots measured after them. */
  rounds: number;
  everyS: number;
  supabaseUrl: string;
  serviceKey: string;
  apiUrl: string;
}
export interface Lags {
  /** Our one timer rang and the due list was made. */
  fired: number[];
  /** The ledger's answer was here. */
  claimed: number[];
  /** `fetch` was called. */
  sent: number[];
  /** Slots measured. */
  slots: string[];
  /** Whole slots of the warm-up; not the first of all, in the middle of which the process started. */
  cold: string[];
  /** Slots that were not whole: a schedule was skipped because its run of the slot before was not over. */
  discarded: number;
}

process.once("message", (task: Task) => void run(task));

async function run(task: Task): Promise<void> {
  const bySlot = new Map<string, { fired: number; claimed: number[]; sent: number[] }>();
  const lagsOf = (slot: string) => {
    const lags = bySlot.get(slot) ?? { fired: instantMs() - Date.parse(slot), claimed: [], sent: [] };
    bySlot.set(slot, lags);
    return lags;
  };
  /** One in which a run of the slot before was not over is not whole. */
  const whole = (from: number, to: number) =>
    [...bySlot].slice(from, to).filter(([, l]) => l.sent.length === task.count);
  const measured = () => whole(task.warmUp, Number.POSITIVE_INFINITY).slice(0, task.rounds);
  const db = createDb({ url: task.supabaseUrl, key: task.serviceKey });
  const log = createLogger({ level: "info", destination: { write: () => undefined } });
  const real = createLedger({ db, instanceId: "bench", log });
  const ledger: Ledger = {
    ...real,
    async claim(claims, skips, timeoutMs) {
      for (const c of claims.slice(0, 1)) lagsOf(c.slot.toISOString());
      const answer = await real.claim(claims, skips, timeoutMs);
      const now = instantMs();
      for (const { id, slot } of claims) {
        if (!answer.recusados.has(id)) lagsOf(slot.toISOString()).claimed.push(now - slot.getTime());
      }
      return answer;
    },
  };
  const toApi = createSender({ connections: 1_000 });
  const scheduler = createScheduler({
    entries: Array.from({ length: task.count }, (_, i) => entry(i, task.everyS)),
    ledger,
    clock: systemClock,
    timers: systemTimers,
    log,
    call: {
      apiUrl: task.apiUrl,
      token: "token-do-benchmark",
      send: (url, init) => {
        const slot = init.headers["x-scheduled-for"] ?? "";
        lagsOf(slot).sent.push(instantMs() - Date.parse(slot));
        return toApi.send(url, init);
      },
    },
    graceMs: 20_000,
    retentionDays: 90,
  });
  void scheduler.run();
  for (let waited = 0; measured().length < task.rounds && waited < 240_000; waited += 100) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await scheduler.stop();
  await toApi.close();
  const slots = measured();
  // The last one may have begun while we were leaving.
  const seen = [...bySlot].slice(task.warmUp, -1);
  const answer: Lags = {
    fired: slots.map(([, l]) => l.fired),
    claimed: slots.flatMap(([, l]) => l.claimed),
    sent: slots.flatMap(([, l]) => l.sent),
    slots: slots.map(([slot]) => slot),
    cold: whole(1, task.warmUp).map(([slot]) => slot),
    discarded: seen.filter(([, l]) => l.sent.length < task.count).length,
  };
  process.send?.(answer, () => process.exit(0));
}

function entry(i: number, everyS: number): ScheduleEntry {
  const misfire = { graceS: 0 };
  const name = `job_${i}`;
  return { name, cron: "* * * * *", everyS, endpoint: `/jobs/${name}`, periodS: 60, timeoutMs: 300_000, misfire };
}
