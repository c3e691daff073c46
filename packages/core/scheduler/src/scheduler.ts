import { randomUUID } from "node:crypto";
import { minuteOf, parseCron } from "#core/cron";
import {
  type ClaimResult,
  classify,
  type Ledger,
  pause,
  type SlotClaim,
  type SlotSkip,
  type Timers,
} from "#core/executions";
import { type Clock, errorMessage, type Logger, localFields } from "#core/runtime";
import type { ScheduleEntry } from "./entry.ts";
import { housekeeping } from "./housekeeping.ts";
import { planSlots } from "./plan-slots.ts";
import { type TriggerOptions, triggerJob } from "./trigger.ts";

export interface SchedulerOptions {
  entries: readonly ScheduleEntry[];
  ledger: Ledger;
  clock: Clock;
  timers: Timers;
  log: Logger;
  call: Omit<TriggerOptions, "clock" | "timers">;
  /** How long running calls may finish after `stop`, ms. */
  graceMs: number;
  retentionDays: number;
  /** Called at every turn of the loop: the process is alive. */
  onTurn?: () => void;
}

/** Steps of sleep: a clock that jumps is seen within this long. */
const STEP_MS = 500;
const BEAT_MS = 10_000;
const MAX_CATCH_UPS = 2;
const CLAIM_ATTEMPTS = 3;
const SKIPS_PER_CALL = 1000;
const CLAIM_RETRY_MS = 5000;

interface Running {
  token: string;
  abort: AbortController;
  done: Promise<void>;
  catchUp: boolean;
}

/**
 * One timer, any number of replicas, no leader: at each minute every replica tries to claim every due slot, and the unique key
 * decides. A job is started without waiting for another; a claim that cannot be written means the job does not run.
 */
export class Scheduler {
  readonly #o: SchedulerOptions;
  readonly #stopping = new AbortController();
  readonly #watermarks = new Map<string, Date>();
  readonly #running = new Map<string, Running>();
  #loop: Promise<void> | null = null;
  #lastTick: Date | null = null;
  #lastHour = "";
  #lastHousekeeping = "";

  constructor(options: SchedulerOptions) {
    this.#o = options;
    for (const e of options.entries) parseCron(e.cron);
  }

  /** Registers and begins to tick; resolves when stopped. A database that is away is waited for, not died of. */
  async run(): Promise<void> {
    const { log, entries, call } = this.#o;
    log.info(
      { jobs: entries.length },
      `Scheduler iniciado: API ${call.apiUrl}, Timezone: America/Sao_Paulo, ${entries.length} jobs configurados`,
    );
    for (const e of entries) log.info({ job: e.name }, `job ${e.name}: ${e.cron} → ${e.endpoint}`);
    this.#logHour(true);
    this.#loop = this.#turn();
    await this.#loop;
  }

  /** Stops claiming at once, lets running calls finish for the grace, aborts the rest and closes their rows. */
  async stop(): Promise<void> {
    const { log, timers, graceMs, ledger } = this.#o;
    log.info({ em_andamento: this.#running.size }, "Scheduler encerrando");
    this.#stopping.abort();
    const all = Promise.all([...this.#running.values()].map((r) => r.done));
    const late = await Promise.race([all.then(() => false), pause(timers, graceMs).then(() => true)]);
    if (late) {
      for (const r of this.#running.values()) r.abort.abort(new Error("shutdown"));
      await all;
    }
    await this.#loop;
    await ledger.goodbye().catch((err: unknown) => log.warn({ err }, "despedida não registrada"));
  }

  async #turn(): Promise<void> {
    const { clock, timers, onTurn } = this.#o;
    const signal = this.#stopping.signal;
    let nextBeatMs = 0;
    while (!signal.aborted) {
      onTurn?.();
      if (this.#watermarks.size === 0) await this.#register();
      const minute = minuteOf(clock.now());
      if (this.#watermarks.size > 0 && minute.getTime() !== this.#lastTick?.getTime()) {
        this.#lastTick = minute;
        this.#logHour(false);
        void this.#tick();
        this.#houseKeep();
      }
      if (clock.monotonicMs() >= nextBeatMs && this.#watermarks.size > 0) {
        nextBeatMs = clock.monotonicMs() + BEAT_MS;
        void this.#beat();
      }
      const toBoundary = 60_000 - (clock.now().getTime() % 60_000);
      await pause(timers, Math.min(STEP_MS, toBoundary), signal);
    }
  }

  async #register(): Promise<void> {
    const { ledger, entries, log, timers } = this.#o;
    try {
      const { jobs } = await ledger.register(entries.map((e) => e.name));
      for (const { job_name, registered_at, ultimo_slot } of jobs) {
        // The minute in which a job entered counts: a process started at 10:00:40 still serves 10:00.
        const since = new Date(minuteOf(registered_at).getTime() - 1);
        this.#watermarks.set(job_name, ultimo_slot && ultimo_slot > since ? ultimo_slot : since);
      }
    } catch (err) {
      log.error({ err }, `banco de dados fora do ar; nova tentativa em ${CLAIM_RETRY_MS / 1000} s`);
      await pause(timers, CLAIM_RETRY_MS, this.#stopping.signal);
    }
  }

  /** One look at every job: what is due is claimed in one call, and each claim won starts at once. */
  async #tick(): Promise<void> {
    const { entries, clock, log } = this.#o;
    const now = clock.now();
    const claims: (SlotClaim & { entry: ScheduleEntry })[] = [];
    const skips: SlotSkip[] = [];
    let catchUps = [...this.#running.values()].filter((r) => r.catchUp).length;
    for (const entry of entries) {
      const watermark = this.#watermarks.get(entry.name);
      if (!watermark) continue;
      const plan = planSlots(entry, watermark, now);
      if (plan.catchUp && catchUps >= MAX_CATCH_UPS) continue; // its turn comes when one of the others ends
      if (plan.catchUp) catchUps++;
      const slot = plan.due ?? plan.catchUp;
      if (slot) {
        const trigger = plan.due ? "schedule" : "catchup";
        claims.push({ id: randomUUID(), leaseToken: randomUUID(), job: entry.name, slot, trigger, entry });
      }
      skips.push(...plan.skips);
      this.#watermarks.set(entry.name, plan.watermark);
    }
    if (claims.length === 0 && skips.length === 0) return;
    const results = await this.#claim(claims, skips);
    if (results === null) {
      for (const { job } of claims) log.error({ job }, `FAIL ${job}: nao foi possivel registrar execucao`);
      return;
    }
    for (const claim of claims) this.#settle(claim, results.get(claim.id));
    await this.#recordOlder(skips.slice(0, -SKIPS_PER_CALL));
  }

  /** What a long absence left to account for, after the due slots have started. */
  async #recordOlder(skips: readonly SlotSkip[]): Promise<void> {
    const { ledger, log } = this.#o;
    for (let i = 0; i < skips.length; i += SKIPS_PER_CALL) {
      const part = skips.slice(i, i + SKIPS_PER_CALL);
      await ledger
        .recordSkips(part)
        .catch((err: unknown) => log.error({ err, horarios: part.length }, "horários pulados não registrados"));
    }
  }

  /** Three tries within 20 s; null: not written, so nothing runs. */
  async #claim(claims: SlotClaim[], skips: SlotSkip[]): Promise<Map<string, ClaimResult> | null> {
    const { ledger, log, timers } = this.#o;
    for (let attempt = 1; ; attempt++) {
      try {
        const { resultados, mortas } = await ledger.claim(claims, skips.slice(-SKIPS_PER_CALL), CLAIM_RETRY_MS);
        for (const m of mortas)
          log.warn({ job: m.job_name, execution_id: m.id }, `FAIL ${m.job_name}: execução interrompida encerrada`);
        return new Map(resultados.map((r) => [r.id, r]));
      } catch (err) {
        log.warn({ err, attempt }, "reivindicação de horários falhou");
        if (attempt >= CLAIM_ATTEMPTS) return null;
        await pause(timers, 1000 * attempt);
      }
    }
  }

  #settle(claim: SlotClaim & { entry: ScheduleEntry }, result: ClaimResult | undefined): void {
    const { log, clock } = this.#o;
    const { job, slot } = claim;
    if (!result?.ganhou) {
      if (result?.motivo === "em_execucao") {
        const since = result.desde ? ` desde ${clockTime(result.desde)}` : "";
        log.warn({ job, slot }, `SKIP ${job}: execucao anterior em andamento${since}`);
      } else log.debug({ job, slot, motivo: result?.motivo }, `horário de ${job} já tem dono`);
      return;
    }
    if (this.#stopping.signal.aborted) {
      void this.#finish(claim, classify({ kind: "interrupted", motivo: "shutdown" }), 0);
      return;
    }
    if (claim.trigger === "catchup") {
      const late = new Date(clock.now().getTime() - slot.getTime()).toISOString().slice(11, 19);
      log.info({ job, slot }, `CATCHUP ${job}: slot ${slot.toISOString()} atrasado ${late}`);
    }
    this.#start(claim);
  }

  #start(claim: SlotClaim & { entry: ScheduleEntry }): void {
    const { log, clock, timers, call } = this.#o;
    const { job, slot, id, entry, trigger } = claim;
    const abort = new AbortController();
    const startedMs = clock.monotonicMs();
    log.info({ job, execution_id: id, slot }, `Executando job: ${job}`);
    const work = async (): Promise<void> => {
      const outcome = await triggerJob(
        { entry, executionId: id, slot, trigger, signal: abort.signal },
        { ...call, clock, timers },
      );
      await this.#finish(claim, classify(outcome), clock.monotonicMs() - startedMs);
    };
    const done = work()
      .catch((err: unknown) => log.error({ err, job, execution_id: id }, `FAIL ${job}: ${errorMessage(err)}`))
      .finally(() => {
        this.#running.delete(id);
        // A catch-up that waited for its turn is looked at again at once.
        if (trigger === "catchup" && !this.#stopping.signal.aborted) void this.#tick();
      });
    this.#running.set(id, { token: claim.leaseToken, abort, done, catchUp: trigger === "catchup" });
  }

  async #finish(claim: SlotClaim, verdict: ReturnType<typeof classify>, durationMs: number): Promise<void> {
    const { log, ledger } = this.#o;
    const { job, id, slot } = claim;
    const fields = {
      job,
      execution_id: id,
      slot,
      duration_ms: Math.round(durationMs),
      items_processed: verdict.itemsProcessed,
    };
    if (verdict.status === "success") {
      log.info(
        fields,
        `OK ${job} ${verdict.responseCode} ${Math.round(durationMs)}ms processados=${verdict.itemsProcessed ?? "?"}`,
      );
    } else log.error(fields, `FAIL ${job}: ${verdict.status} ${verdict.error ?? ""}`);
    const written = await ledger.finish({ ...verdict, id, leaseToken: claim.leaseToken, durationMs });
    if (!written)
      log.warn({ job, execution_id: id }, "fim de execução não registrado: a linha já não é deste processo");
  }

  async #beat(): Promise<void> {
    const { ledger, clock, log } = this.#o;
    const tickAgeMs = this.#lastTick ? clock.now().getTime() - this.#lastTick.getTime() : null;
    try {
      const { mortas } = await ledger.beat(
        tickAgeMs,
        [...this.#running.values()].map((r) => r.token),
      );
      for (const m of mortas)
        log.warn({ job: m.job_name, execution_id: m.id }, `FAIL ${m.job_name}: execução interrompida encerrada`);
    } catch (err) {
      log.warn({ err }, "sinal de vida não registrado");
    }
  }

  /** Once a day, by whoever gets there first; the batches skip what another is deleting. */
  #houseKeep(): void {
    const { clock, ledger, log, retentionDays } = this.#o;
    const { date, hour } = localFields(clock.now());
    if (hour !== 4 || date === this.#lastHousekeeping) return;
    this.#lastHousekeeping = date;
    void housekeeping({ ledger, log, retentionDays, signal: this.#stopping.signal });
  }

  #logHour(now: boolean): void {
    const at = this.#o.clock.now();
    const f = localFields(at);
    const hour = `${f.date} ${f.hour}`;
    if (!now && (f.minute !== 0 || hour === this.#lastHour)) return;
    this.#lastHour = hour;
    this.#o.log.info({}, `Hora atual: ${f.date} ${clockTime(at)} BRT (${at.toISOString().slice(11, 19)} UTC)`);
  }
}

function clockTime(at: Date): string {
  const { hour, minute, second } = localFields(at);
  return [hour, minute, second].map((n) => String(n).padStart(2, "0")).join(":");
}
