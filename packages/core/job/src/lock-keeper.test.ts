import { expect, test } from "vitest";
import { createVirtualTime, type JobLocks } from "#core/executions";
import { createLogger, TransientError } from "#core/runtime";
import { createLockKeeper } from "./lock-keeper.ts";

const LEASE_MS = 30_000;
const RENEW_EVERY_MS = 10_000;

/** A keeper on a clock of its own; `renew` is the database's answer to each renewal. */
function keeper(renew: JobLocks["renew"]) {
  const time = createVirtualTime("2026-03-02T13:00:00Z");
  const renewals: { atMs: number; timeoutMs: number | undefined }[] = [];
  const none = async () => {
    throw new Error("not expected");
  };
  const locks: JobLocks = {
    start: none,
    end: none,
    progress: none,
    renew(tokens, options) {
      renewals.push({ atMs: time.clock.monotonicMs(), timeoutMs: options?.timeoutMs });
      return renew(tokens, options);
    },
  };
  const log = createLogger({ level: "silent" });
  const made = createLockKeeper({ ...time, locks, log, renewEveryMs: RENEW_EVERY_MS, leaseMs: LEASE_MS });
  const lost: string[] = [];
  const hold = (token: string, askedMs = time.clock.monotonicMs()) =>
    made.add(token, askedMs, () => lost.push(`${token} ${time.clock.monotonicMs()}`));
  /** A call that hangs until the caller's deadline. */
  const hang: JobLocks["renew"] = (_tokens, options) =>
    new Promise((_resolve, reject) => {
      time.timers.after(options?.timeoutMs ?? RENEW_EVERY_MS, () =>
        reject(new TransientError("banco_indisponivel", "sem resposta")),
      );
    });
  return { time, renewals, lost, hold, hang, remove: made.remove };
}
const all: JobLocks["renew"] = async (tokens) => new Set(tokens);

test("a database that no longer answers: the run is told when its lease is over, to the millisecond", async () => {
  let answers = true;
  const k = keeper((tokens, options) => (answers ? all(tokens) : k.hang(tokens, options)));
  k.hold("a");
  await k.time.advance(RENEW_EVERY_MS);
  answers = false; // renewed at 10 s, for the last time: the lease ends at 40 s
  await k.time.advance(29_999);
  expect(k.lost).toEqual([]);
  await k.time.advance(1);
  expect(k.lost).toEqual(["a 40000"]);
});

test("not even a renewal that never comes back keeps that from it", async () => {
  const k = keeper(() => new Promise(() => undefined));
  k.hold("a");
  await k.time.advance(60_000);
  expect(k.lost).toEqual(["a 30000"]);
});

test("the lease counts from before the lock was asked for, not from when the answer came", async () => {
  const k = keeper(() => new Promise(() => undefined));
  await k.time.advance(9_000);
  k.hold("a", 0);
  await k.time.advance(60_000);
  expect(k.lost).toEqual(["a 30000"]);
});

test("a renewal has one turn for its answer, or what is left of the lease; a failed one is repeated soon", async () => {
  const k = keeper((tokens, options) => k.hang(tokens, options));
  k.hold("a");
  await k.time.advance(LEASE_MS);
  expect(k.renewals).toEqual([
    { atMs: 10_000, timeoutMs: 10_000 },
    { atMs: 22_000, timeoutMs: 8_000 },
  ]);
  const late = keeper((tokens, options) => late.hang(tokens, options));
  late.hold("a", -18_000);
  await late.time.advance(LEASE_MS);
  expect(late.renewals).toEqual([{ atMs: 10_000, timeoutMs: 2_000 }]);
});

test("after an outage shorter than the lease the run goes on", async () => {
  const k = keeper((tokens, options) => (k.time.clock.monotonicMs() < 20_000 ? k.hang(tokens, options) : all(tokens)));
  k.hold("a");
  await k.time.advance(300_000);
  expect(k.lost).toEqual([]);
  expect(k.renewals.slice(0, 3).map((r) => r.atMs)).toEqual([10_000, 22_000, 32_000]);
});

test("a renewal that is denied is told at once, and only to its run", async () => {
  const k = keeper(async () => new Set(["b"]));
  k.hold("a");
  k.hold("b");
  await k.time.advance(35_000);
  expect(k.lost).toEqual(["a 10000"]);
});

test("a run that has ended hears nothing any more, and nothing is renewed for it", async () => {
  const k = keeper(all);
  k.hold("a");
  k.remove("a");
  await k.time.advance(120_000);
  expect([k.lost, k.renewals]).toEqual([[], []]);
});
