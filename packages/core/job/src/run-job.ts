import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Db } from "#core/db";
import {
  createJobLocks,
  type JobLocks,
  type JobStartAnswer,
  type ManualRun,
  pause,
  systemTimers,
  type Timers,
} from "#core/executions";
import { AppError, type Clock, type Logger, localFields, PermanentError, safeErrorText } from "#core/runtime";
import { type Job, type JobContext, skippedResult } from "./define-job.ts";
import { busyAnswer, errorAnswer, type JobAnswer } from "./job-answer.ts";
import { createLockKeeper } from "./lock-keeper.ts";
import { parseParams } from "./parse-params.ts";
import { createProgressReporter } from "./progress.ts";
import { type RunSignal, runSignal } from "./run-signal.ts";

/** One `POST /jobs/*`, as its headers tell it. */
export interface JobCall {
  /** `X-Job-Execution-Id`; null for a call by hand, which then gets a row of its own. */
  executionId: string | null;
  /** `X-Scheduled-For` */
  scheduledFor: Date | null;
  /** `Idempotency-Key` */
  idempotencyKey: string | null;
  /** `X-Job-Deadline`: when the caller hangs up. */
  deadline: Date | null;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
  /** Who runs it by hand, by what name and why; recorded with a run that no scheduler made. */
  by?: Omit<ManualRun, "params">;
  /** Told once the run has its row, before its body starts. */
  onStart?(executionId: string): void;
}

export interface JobRunner {
  /** Never throws: every end is an answer. `contexto` adds what the app gives jobs (clients, settings) to the base. */
  run<C>(job: RunnableJob<C>, rawParams: unknown, call: JobCall, contexto: (base: JobContext) => C): Promise<JobAnswer>;
  /** Resolves when no job is running any more; for the shutdown. */
  idle(): Promise<void>;
}

/** Any job whose body asks for a context of type C, whatever its parameters and result. */
export interface RunnableJob<C> {
  readonly name: string;
  readonly params: z.ZodObject;
  readonly result: z.ZodObject;
  run: Job<z.ZodObject, z.ZodObject, C>["run"];
}

export interface JobRunnerOptions {
  db: Db;
  clock: Clock;
  log: Logger;
  instanceId: string;
  shutdown: AbortSignal;
  /** A job starts nothing more after this long, ms. */
  budgetMs?: number;
  /** The caller is answered by then, even if the job is still going, ms. */
  answerByMs?: number;
  /** Lock lease and its renewal (`decisions.md` §6), ms. */
  leaseMs?: number;
  renewEveryMs?: number;
  timers?: Timers;
  /** Default: the SQL functions on `db`. */
  locks?: JobLocks;
}

const CLOSE_RETRY_MS = [500, 2_000, 5_000];
const uuid = z.uuid();

/**
 * Runs jobs: parameters → lock and idempotency key → body → result → one canonical log line. The lock lives in the
 * database for as long as the work does, also when the caller has hung up.
 */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { db, clock, log, instanceId, shutdown, timers = systemTimers } = options;
  const { budgetMs = 240_000, answerByMs = 290_000, leaseMs = 30_000, renewEveryMs = 10_000 } = options;
  const locks = options.locks ?? createJobLocks({ db, instanceId, leaseMs });
  const keeper = createLockKeeper({ locks, clock, timers, log, renewEveryMs, leaseMs });
  const active = new Set<Promise<unknown>>();

  function track<T>(work: Promise<T>): Promise<T> {
    active.add(work);
    void work.finally(() => active.delete(work)).catch(() => undefined); // the caller of `work` sees its error
    return work;
  }

  async function run<C>(
    job: RunnableJob<C>,
    rawParams: unknown,
    call: JobCall,
    contexto: (base: JobContext) => C,
  ): Promise<JobAnswer> {
    const token = randomUUID();
    const held = { job: job.name, token, idempotencyKey: call.idempotencyKey };
    const startedMs = clock.monotonicMs();
    let params: z.output<typeof job.params>;
    let start: JobStartAnswer;
    try {
      params = parseParams(job.params, rawParams);
      if (shutdown.aborted) throw new AppError("encerrando", "o processo está encerrando; repita em instantes");
      checkHeaders(call);
    } catch (err) {
      return refused(job.name, err);
    }
    const newExecutionId = randomUUID();
    try {
      const journal = { target: null, author: null, reason: null, ...call.by, params };
      start = await locks.start({ ...held, executionId: call.executionId, newExecutionId, journal });
    } catch (err) {
      // The answer may have been lost after the lock was taken: free whatever there is, so that nobody waits for the lease.
      const executionId = newExecutionId;
      const end = { ...held, executionId, status: "error" as const, httpStatus: 503, body: null, itemsProcessed: null };
      if (!(err instanceof PermanentError)) {
        void track(locks.end({ ...end, error: "interrompido: banco indisponível", durationMs: 0 })).catch((cause) =>
          log.debug({ job: job.name, err: cause }, "trava duvidosa não liberada; expira sozinha"),
        );
      }
      return refused(job.name, err);
    }
    if (start.resultado !== "iniciado") return notStarted(job.name, start);

    const executionId = start.execution_id;
    call.onStart?.(executionId);
    const runLog = log.child({ job: job.name, execution_id: executionId });
    const limits = runSignal({
      clock,
      timers,
      budgetMs,
      answerByMs,
      deadline: call.deadline,
      client: call.signal,
      shutdown,
    });
    keeper.add(token, startedMs, () => limits.stop("trava"));
    const progress = createProgressReporter({ locks, token, timers, log: runLog });
    const base: JobContext = {
      db,
      clock,
      log: runLog,
      signal: limits.signal,
      scheduledFor: call.scheduledFor,
      executionId,
      progress: progress.report,
    };

    const work = track(
      execute(job, params, () => contexto(base), limits).then(async (end) => {
        limits.dispose();
        progress.stop();
        const durationMs = clock.monotonicMs() - startedMs;
        const { httpStatus, body } = end.answer;
        await close({
          ...held,
          executionId,
          status: httpStatus < 300 ? "success" : "error",
          httpStatus,
          body,
          error: end.error,
          itemsProcessed: end.items,
          durationMs,
        });
        keeper.remove(token);
        canonicalLine(runLog, job.name, end, Math.round(durationMs));
        return end.answer;
      }),
    );
    const first = await Promise.race([work, limits.answerDue]);
    if (first !== "prazo") return first;
    runLog.warn({ motivo: "prazo" }, `${job.name} segue trabalhando depois do prazo da resposta`);
    return errorAnswer(
      new AppError("tempo_esgotado", `${job.name} passou do prazo da resposta; segue travado até terminar`),
    );
  }

  async function close(end: Parameters<JobLocks["end"]>[0]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (!(await locks.end(end)))
          log.warn({ job: end.job, execution_id: end.executionId }, "trava já não era nossa");
        return;
      } catch (err) {
        const waitMs = CLOSE_RETRY_MS[attempt];
        if (waitMs === undefined) {
          log.error(
            { job: end.job, execution_id: end.executionId, err },
            "fim do job não registrado; a trava expira só",
          );
          return;
        }
        await pause(timers, waitMs);
      }
    }
  }

  function refused(job: string, err: unknown): JobAnswer {
    const answer = errorAnswer(err);
    log.warn({ job, motivo: answer.body.codigo }, `FAIL ${job}: ${answer.body.codigo} ${answer.body.message}`);
    return answer;
  }

  function notStarted(job: string, start: Exclude<JobStartAnswer, { resultado: "iniciado" }>): JobAnswer {
    if (start.resultado === "repetida") {
      log.info({ job, motivo: "repetida" }, `SKIP ${job}: resposta já dada a esta Idempotency-Key`);
      return { httpStatus: start.http_status, body: start.resposta, headers: { "Idempotent-Replay": "true" } };
    }
    if (start.resultado === "interrompida") {
      const why =
        "a execução com esta Idempotency-Key foi interrompida no meio; para executar de novo, use outra chave";
      return refused(job, new PermanentError("conflito", why, { campo: "Idempotency-Key" }));
    }
    const since = start.desde === null ? "" : ` desde ${timeOf(start.desde)}`;
    log.warn({ job, motivo: "job_em_execucao" }, `SKIP ${job}: execução anterior em andamento${since}`);
    return busyAnswer(`${job} já está em execução${since}; aguarde ou tente de novo depois`);
  }

  return {
    run,
    async idle() {
      while (active.size > 0) await Promise.allSettled([...active]);
    },
  };
}

interface RunEnd {
  answer: JobAnswer;
  /** As stored in the row; null for a success. */
  error: string | null;
  items: number | null;
  skipped: string | null;
  cause?: unknown;
}

async function execute<C>(
  job: RunnableJob<C>,
  params: Record<string, unknown>,
  contexto: () => C,
  limits: RunSignal,
): Promise<RunEnd> {
  try {
    const raw = await job.run(params, contexto());
    const parsed = (raw.status === "skipped" ? skippedResult : job.result).safeParse(raw);
    if (!parsed.success) {
      const where = parsed.error.issues.map((i) => `${i.path.map(String).join(".")}: ${i.message}`).join("; ");
      throw new AppError("resultado_invalido", `${job.name} respondeu fora do contrato: ${where}`);
    }
    const body: Record<string, unknown> = parsed.data;
    const items = typeof body.processados === "number" ? body.processados : null;
    const skipped = body.status === "skipped" ? String(body.motivo) : null;
    return { answer: { httpStatus: 200, body }, error: null, items, skipped };
  } catch (thrown) {
    const aborted = limits.signal.aborted && thrown instanceof Error && thrown.name === "AbortError";
    const err: unknown = aborted ? limits.signal.reason : thrown;
    const answer = errorAnswer(err);
    const error = safeErrorText(`${answer.body.codigo}: ${answer.body.message}`);
    return { answer, error, items: null, skipped: null, cause: err };
  }
}

function canonicalLine(log: Logger, job: string, end: RunEnd, durationMs: number): void {
  const fields = { duration_ms: durationMs, items_processed: end.items };
  if (end.error !== null) log.error({ ...fields, err: end.cause }, `FAIL ${job}: ${end.error}`);
  else if (end.skipped !== null) log.info({ ...fields, motivo: end.skipped }, `SKIP ${job}: ${end.skipped}`);
  else log.info(fields, `OK ${job}`);
}

function checkHeaders(call: JobCall): void {
  if (call.executionId !== null && !uuid.safeParse(call.executionId).success) {
    throw new PermanentError("parametro_invalido", "X-Job-Execution-Id deve ser um UUID", {
      campo: "X-Job-Execution-Id",
    });
  }
  const key = call.idempotencyKey;
  if (key !== null && (key.length === 0 || key.length > 200)) {
    throw new PermanentError("parametro_invalido", "Idempotency-Key deve ter de 1 a 200 caracteres", {
      campo: "Idempotency-Key",
    });
  }
}

/** São Paulo wall clock, `HH:MM:SS`. */
function timeOf(at: Date): string {
  const f = localFields(at);
  return [f.hour, f.minute, f.second].map((n) => String(n).padStart(2, "0")).join(":");
}
