import { randomUUID } from "node:crypto";
import type { Db } from "#core/db";
import { createJobLocks, type VirtualTime } from "#core/executions";

export interface HonestCall {
  job: string;
  executionId: string;
  key: string;
  /** How long the handler works, ms. */
  afterMs: number;
  body: string;
}

/** What an API does with locks and keys: a key runs once, and the work goes on when its caller has gone. */
export interface HonestApi {
  /** Keys whose handler ran, one entry per run. */
  readonly ran: string[];
  handle(call: HonestCall): Promise<{ status: number; body: string }>;
}

const RENEW_MS = 10_000;

export function createHonestApi(db: Db, time: VirtualTime): HonestApi {
  const locks = createJobLocks({ db, instanceId: "api", leaseMs: 30_000, clock: time.clock });
  const ran: string[] = [];
  const later = (ms: number) => new Promise<void>((resolve) => void time.timers.after(ms, resolve));

  async function handle({
    job,
    executionId,
    key,
    afterMs,
    body,
  }: HonestCall): Promise<{ status: number; body: string }> {
    const token = randomUUID();
    const started = await locks.start({ job, token, executionId, newExecutionId: randomUUID(), idempotencyKey: key });
    if (started.resultado === "repetida")
      return { status: started.http_status, body: JSON.stringify(started.resposta) };
    if (started.resultado !== "iniciado")
      return { status: 409, body: '{"status":"skipped","motivo":"job_em_execucao"}' };
    ran.push(key);
    for (let left = afterMs; left > 0; left -= RENEW_MS) {
      await later(Math.min(left, RENEW_MS));
      if (left > RENEW_MS) await locks.renew([token]);
    }
    const answer = JSON.parse(body) as Record<string, unknown>;
    await locks.end({
      job,
      token,
      executionId: started.execution_id,
      idempotencyKey: key,
      status: "success",
      httpStatus: 200,
      body: answer,
      error: null,
      itemsProcessed: typeof answer.processados === "number" ? answer.processados : null,
      durationMs: afterMs,
    });
    return { status: 200, body };
  }
  return { ran, handle };
}
