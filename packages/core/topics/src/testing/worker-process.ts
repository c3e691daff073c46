import { setTimeout as wait } from "node:timers/promises";
import { createDb } from "#core/db";
import { createLogger, installShutdown, systemClock } from "#core/runtime";
import { Consumer } from "../consumer.ts";
import { defineWorker } from "../define-worker.ts";
import { createPostgresBroker } from "../postgres-broker.ts";

/** A worker process as small as can be, so that a fault test can kill and start many: group `work` answers, `copy` only reads. */
const env = process.env as { SUPABASE_URL: string; SUPABASE_SERVICE_KEY: string; OWNER: string; LEASE_S: string };
const log = createLogger({ level: "error" });
const leaseSeconds = Number(env.LEASE_S);
const db = createDb({ url: env.SUPABASE_URL, key: env.SUPABASE_SERVICE_KEY });

interface Task {
  n: number;
  poison: boolean;
}
const workers = [
  defineWorker(
    {
      name: "work",
      topic: "fault.in",
      outputTopic: "fault.out",
      concurrency: 20,
      // More than a message can lose by kills and by a machine too slow to renew; poison ends all the same.
      maxRetries: 25,
      retryBackoff: "fixed",
      initialDelay: 0.05,
    },
    async (task, ctx) => {
      const { n, poison } = task as unknown as Task;
      await wait(60, undefined, { signal: ctx.signal });
      if (poison) throw new Error(`message ${n} is poison`);
      return { n };
    },
  ),
  defineWorker({ name: "copy", topic: "fault.in", concurrency: 20, maxRetries: 100 }, async () => {}),
];
const broker = createPostgresBroker({ db, owner: env.OWNER, leaseSeconds });
const consumer = new Consumer({ broker, workers, clock: systemClock, log, leaseSeconds });
const shutdown = installShutdown({ log, graceMs: 20_000 });
shutdown.onClose("consumer", () => consumer.stop(10_000));
await consumer.register();
consumer.start();
process.stdout.write("ready\n");
