import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Db } from "#core/db";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { createJobLocks, createVirtualTime, type VirtualTime } from "#core/executions";
import { createLogger, PermanentError, TransientError } from "#core/runtime";
import { defineJob, type JobContext, jobResult, skipped } from "./define-job.ts";
import { createJobRunner, type JobCall, type JobRunner } from "./run-job.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());

let time: VirtualTime;
let log: { msg: string; [field: string]: unknown }[];
let shutdown: AbortController;
let down: boolean;
let runner: JobRunner;

function newRunner(instanceId: string): JobRunner {
  const guarded = <T>(call: () => Promise<T>): Promise<T> =>
    time.track(
      down ? Promise.reject(new TransientError("banco_indisponivel", "Banco de dados não respondeu")) : call(),
    );
  const db: Db = {
    call: (fn, args, o) => guarded(() => t.db.call(fn, args, o)),
    json: (fn, args, schema, o) => guarded(() => t.db.json(fn, args, schema, o)),
  };
  const { clock, timers } = time;
  return createJobRunner({
    db,
    clock,
    timers,
    log: createLogger({ destination: { write: (line: string) => void log.push(JSON.parse(line)) } }),
    instanceId,
    shutdown: shutdown.signal,
    locks: createJobLocks({ db, instanceId, leaseMs: 30_000, clock }),
  });
}

beforeEach(async () => {
  await t.truncateAll();
  time = createVirtualTime("2026-03-02T13:00:00Z");
  log = [];
  shutdown = new AbortController();
  down = false;
  runner = newRunner("api-1");
});

type Body = (params: { batch_size: number }, ctx: JobContext) => Promise<unknown>;
const jobWith = (body: Body) =>
  defineJob({
    name: "processar_x",
    params: z.object({ batch_size: z.int().min(1).max(1000).default(200) }),
    result: jobResult({ extra: z.string().optional() }),
    // The bodies of these tests also answer what the contract forbids.
  }).run(body as (params: { batch_size: number }, ctx: JobContext) => Promise<{ status: "ok"; processados: number }>);
const ok: Body = async ({ batch_size }) => ({ status: "ok", processados: batch_size });
/** Works until told to stop, then answers what it did. */
const patient: Body = async (_p, { signal }) => {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return { status: "ok", processados: 3, parcial: true };
};

const byHand = (more: Partial<JobCall> = {}): JobCall => ({
  executionId: null,
  scheduledFor: null,
  idempotencyKey: null,
  deadline: null,
  signal: new AbortController().signal,
  ...more,
});
const run = (body: Body, raw: unknown = {}, call = byHand(), who = runner) =>
  who.run(jobWith(body), raw, call, (b) => b);
const rows = () => t.sql("select * from job_executions order by started_at");
const locks = () => t.sql("select * from job_locks");
const settle = (ms = 0) => time.advance(ms);

async function slotRow(): Promise<string> {
  const id = randomUUID();
  await t.sql(
    `insert into job_executions (id, job_name, scheduled_for, trigger, started_at, lease_expires_at)
     values ($1, 'processar_x', $2, 'schedule', $2, $2::timestamptz + interval '30 s')`,
    [id, time.clock.now().toISOString()],
  );
  return id;
}

describe("a run by hand", () => {
  test("answers flat, leaves a manual row, frees the lock and logs one canonical line", async () => {
    expect(await run(ok, { batch_size: "7" })).toEqual({ httpStatus: 200, body: { status: "ok", processados: 7 } });
    expect(await rows()).toMatchObject([
      {
        trigger: "manual",
        scheduled_for: null,
        status: "success",
        response_code: 200,
        items_processed: 7,
        error: null,
      },
    ]);
    expect(await locks()).toEqual([]);
    expect(log).toMatchObject([{ msg: "OK processar_x", job: "processar_x", items_processed: 7, duration_ms: 0 }]);
    expect(log[0]?.execution_id).toBe((await rows())[0]?.id);
  });

  test("deliberately nothing to do is a success and one SKIP line", async () => {
    const answer = await run(async () => skipped("piloto", "modo piloto ligado"));
    expect(answer).toMatchObject({ httpStatus: 200, body: { status: "skipped", motivo: "piloto", processados: 0 } });
    expect(await rows()).toMatchObject([{ status: "success", items_processed: 0 }]);
    expect(log[0]?.msg).toBe("SKIP processar_x: piloto");
  });

  test.each([
    [{ batch_size: "0" }, "batch_size", "batch_size deve ser um inteiro de 1 a 1000"],
    [{ batch_size: "abc" }, "batch_size", "batch_size deve ser um inteiro de 1 a 1000"],
    [{ foo: "1" }, "foo", "foo não é um parâmetro conhecido; os aceitos são batch_size"],
  ])("%j is refused and runs nothing", async (raw, campo, message) => {
    const body = { status: "error", codigo: "parametro_invalido", campo, message };
    expect(await run(ok, raw)).toEqual({ httpStatus: 400, body });
    expect(await rows()).toEqual([]);
  });
});

describe("failures", () => {
  test("an error of the job is a 500 without stack or phone number, and the row says the same", async () => {
    const answer = await run(async () => {
      throw new Error("falhou para +55 11 98765-4321");
    });
    expect(answer).toEqual({
      httpStatus: 500,
      body: { status: "error", codigo: "erro_interno", message: "falhou para ***4321" },
    });
    expect(await rows()).toMatchObject([
      { status: "error", response_code: 500, error: "erro_interno: falhou para ***4321", items_processed: null },
    ]);
    expect(log[0]?.msg).toBe("FAIL processar_x: erro_interno: falhou para ***4321");
    expect(await locks()).toEqual([]);
  });
  test("a typed error keeps its code and status", async () => {
    const answer = await run(async () => {
      throw new PermanentError("nao_encontrado", "não existe");
    });
    expect(answer).toMatchObject({ httpStatus: 404, body: { codigo: "nao_encontrado" } });
  });
  test("a result outside the contract is resultado_invalido", async () => {
    const answer = await run(async () => ({ status: "ok", processados: -1 }));
    expect(answer).toMatchObject({ httpStatus: 500, body: { codigo: "resultado_invalido" } });
  });
  test("the database away at the start is a 503 and nothing runs", async () => {
    down = true;
    let ran = false;
    const answer = await run(async () => {
      ran = true;
    });
    expect(answer).toMatchObject({ httpStatus: 503, body: { codigo: "banco_indisponivel" } });
    expect(ran).toBe(false);
  });
  test("the database away at the end: tried again, the answer is given, the lock runs out by itself", async () => {
    const answer = run(async () => {
      down = true;
      return { status: "ok", processados: 1 };
    });
    await settle(20_000);
    expect(await answer).toMatchObject({ httpStatus: 200 });
    down = false;
    expect(await run(ok)).toMatchObject({ httpStatus: 409 });
    await settle(10_001);
    expect(await run(ok)).toMatchObject({ httpStatus: 200 });
    expect((await rows())[0]).toMatchObject({ status: "error", error: "interrompido: API parou" });
  });
});

describe("one at a time", () => {
  test("a second call, by any process, is refused with 409 while the first works", async () => {
    const first = run(patient);
    await settle(5000);
    const second = await run(ok, {}, byHand(), newRunner("api-2"));
    expect(second).toEqual({
      httpStatus: 409,
      body: {
        status: "skipped",
        motivo: "job_em_execucao",
        message: "processar_x já está em execução desde 10:00:00; aguarde ou tente de novo depois",
        processados: 0,
      },
    });
    shutdown.abort();
    await settle();
    expect(await first).toMatchObject({ httpStatus: 200, body: { processados: 3, parcial: true } });
    expect(await rows()).toHaveLength(1);
  });

  test("a scheduled row in progress refuses a call by hand, but not the scheduler's own call", async () => {
    const executionId = await slotRow();
    expect(await run(ok)).toMatchObject({ httpStatus: 409, body: { motivo: "job_em_execucao" } });
    expect(await locks()).toEqual([]);
    let given: Partial<JobContext> = {};
    const scheduledFor = time.clock.now();
    const answer = await run(
      async (_p, ctx) => {
        given = ctx;
        return { status: "ok", processados: 0 };
      },
      {},
      byHand({ executionId, scheduledFor }),
    );
    expect(answer.httpStatus).toBe(200);
    expect(given).toMatchObject({ executionId, scheduledFor });
    expect(await rows(), "the row is the scheduler's to close").toMatchObject([{ id: executionId, status: "running" }]);
  });

  test("an execution id nobody knows counts as a call by hand", async () => {
    await run(ok, {}, byHand({ executionId: randomUUID() }));
    expect(await rows()).toMatchObject([{ trigger: "manual", status: "success" }]);
    expect(await run(ok, {}, byHand({ executionId: "x" }))).toMatchObject({ httpStatus: 400 });
  });

  test("the lock is renewed while the work lives and taken over 30 s after its process died", async () => {
    void run(async () => new Promise(() => undefined));
    await settle(200_000);
    expect(await run(ok, {}, byHand(), newRunner("api-2"))).toMatchObject({ httpStatus: 409 });
    down = true; // as good as dead: it renews no more
    await settle(31_000);
    down = false;
    expect(await run(ok, {}, byHand(), newRunner("api-2"))).toMatchObject({ httpStatus: 200 });
  });

  test("a run whose lock is lost is told to stop", async () => {
    let reason: unknown;
    const answer = run(async (_p, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      reason = signal.reason;
      signal.throwIfAborted();
    });
    await settle(1000);
    await t.sql("update job_locks set token = gen_random_uuid()");
    await settle(10_000);
    expect(await answer).toMatchObject({ httpStatus: 409, body: { codigo: "conflito" } });
    expect(reason).toMatchObject({ message: expect.stringContaining("trava") });
  });
});

describe("when a run must stop", () => {
  const stopTime = async (call: JobCall, maxMs: number, during: () => void = () => undefined) => {
    let at = -1;
    const answer = run(
      async (_p, { signal }) => {
        signal.addEventListener("abort", () => {
          at = time.clock.monotonicMs();
        });
        return patient({ batch_size: 1 }, { signal } as JobContext);
      },
      {},
      call,
    );
    await settle(1000);
    during();
    await settle(maxMs);
    expect(await answer).toMatchObject({ httpStatus: 200, body: { parcial: true } });
    return at;
  };
  test("its budget of 240 s is used", async () => {
    expect(await stopTime(byHand(), 250_000)).toBe(240_000);
  });
  test("four fifths of the time to the caller's deadline are used", async () => {
    const deadline = new Date(time.clock.now().getTime() + 10_000);
    expect(await stopTime(byHand({ deadline }), 20_000)).toBe(8000);
  });
  test("the client has gone", async () => {
    const client = new AbortController();
    expect(await stopTime(byHand({ signal: client.signal }), 10, () => client.abort())).toBe(1000);
  });
  test("the process shuts down; idle() resolves once it has", async () => {
    expect(await stopTime(byHand(), 10, () => shutdown.abort())).toBe(1000);
    await runner.idle();
    expect(await run(ok)).toMatchObject({ httpStatus: 503, body: { codigo: "encerrando" } });
  });
  test("a job that heeds nothing is answered at 290 s and stays locked until it ends", async () => {
    const end = Promise.withResolvers<unknown>();
    const answer = run(() => end.promise);
    await settle(290_000);
    expect(await answer).toMatchObject({ httpStatus: 500, body: { codigo: "tempo_esgotado" } });
    expect(await run(ok, {}, byHand(), newRunner("api-2"))).toMatchObject({ httpStatus: 409 });
    end.resolve({ status: "ok", processados: 9 });
    await settle();
    expect(await rows()).toMatchObject([{ status: "success", items_processed: 9, duration_ms: 290_000 }]);
    expect(await locks()).toEqual([]);
  });
});

describe("Idempotency-Key", () => {
  const key = byHand({ idempotencyKey: "processar_x:2026-03-02T13:00:00.000Z" });
  test("the same key never runs twice: the stored answer is given again", async () => {
    let times = 0;
    const counting: Body = async () => ({ status: "ok", processados: ++times });
    await run(counting, {}, key);
    expect(await run(counting, {}, key)).toEqual({
      httpStatus: 200,
      body: { status: "ok", processados: 1 },
      headers: { "Idempotent-Replay": "true" },
    });
    await settle(23 * 3_600_000);
    await run(counting, {}, key);
    expect(times).toBe(1);
    await settle(3_600_000);
    await run(counting, {}, key);
    expect(times, "24 h later the key is new").toBe(2);
  });
  test("a failure is replayed too, a refusal does not use the key up", async () => {
    const executionId = await slotRow();
    expect(await run(ok, {}, key)).toMatchObject({ httpStatus: 409 });
    await t.sql("delete from job_executions where id = $1", [executionId]);
    await run(async () => Promise.reject(new Error("x")), {}, key);
    expect(await run(ok, {}, key)).toMatchObject({ httpStatus: 500, headers: { "Idempotent-Replay": "true" } });
  });
  test("while the first still works, and many at once: one runs, the others get 409", async () => {
    const answers = Promise.all(
      Array.from({ length: 5 }, (_, i) => run(patient, {}, key, i % 2 ? newRunner(`api-${i}`) : runner)),
    );
    await settle(1000);
    shutdown.abort();
    await settle(1000);
    expect((await answers).map((a) => a.httpStatus).sort()).toEqual([200, 409, 409, 409, 409]);
  });
  test("a run that died on the way is not run again under its key", async () => {
    void run(async () => new Promise(() => undefined), {}, key);
    await settle();
    down = true;
    await settle(31_000);
    down = false;
    const again = await run(ok, {}, key, newRunner("api-2"));
    expect(again).toMatchObject({ httpStatus: 409, body: { codigo: "conflito", campo: "Idempotency-Key" } });
    expect(await run(ok, {}, byHand(), newRunner("api-2"))).toMatchObject({ httpStatus: 200 });
  });
});
