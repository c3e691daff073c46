import { z } from "zod";
import { type Db, rpc } from "#core/db";
import type { Clock, Logger } from "#core/runtime";
import type { Verdict } from "./classify.ts";
import { createEndBatch } from "./end-batch.ts";
import { instant } from "./instant.ts";
import { systemTimers, type Timers } from "./timers.ts";

/** Why a slot did not run. */
export type SkipReason = "sobreposicao" | "perdido" | "coalescido" | "pausado" | "fora_da_janela";

export interface SlotSkip {
  job: string;
  slot: Date;
  motivo: SkipReason;
  detalhe: string | null;
}

export interface SlotClaim {
  /** Chosen by the caller, so that a claim repeated after a lost answer finds its own row. */
  id: string;
  leaseToken: string;
  job: string;
  slot: Date;
  trigger: "schedule" | "catchup";
}

export type Refusal = "ja_reivindicado" | "ja_pulado" | "slot_no_futuro" | "em_execucao";

export interface ClaimRefusal {
  id: string;
  motivo: Refusal;
  /** The run in the way, for `em_execucao`. */
  em_andamento: string | null;
  desde: Date | null;
}

/** A run whose owner died, as it was closed. */
export interface DeadRun {
  id: string;
  job_name: string;
  scheduled_for: Date | null;
  instance_id: string | null;
  /** Of the claim it died with. */
  lease_token: string | null;
  /** `success` or `error`: the API had stored how it ended; `error` with `interrompido`: nobody knows. */
  status: string;
  error: string | null;
  finished_at: Date;
  duration_ms: number;
  response_code: number | null;
  items_processed: number | null;
  /** The API never saw this slot's Idempotency-Key: nothing ran, so it may be sent under the same key. */
  nunca_chegou: boolean;
}

/** A closed run that was never sent, taken up again in its own row. */
export interface Retake {
  id: string;
  leaseToken: string;
}

/** What binds a database to an environment; null: the marker is not there. */
export interface Markers {
  environment: string | null;
  supabase_project_ref: string | null;
}

export interface RegisteredJob {
  job_name: string;
  /** Since when slots of this job are expected. */
  registered_at: Date;
  /** The last slot accounted for, run or skipped. */
  ultimo_slot: Date | null;
}

export interface RunEnd extends Verdict {
  id: string;
  leaseToken: string;
  durationMs: number;
}

/** `job_executions` and its companions, for one scheduler instance; see `supabase/migrations/*_execucoes.sql`. */
export interface Ledger {
  /** Enters the catalogue and this instance; `agora` is the database's clock. */
  register(jobs: readonly string[]): Promise<{ agora: Date; jobs: RegisteredJob[] }>;
  /**
   * One tick in one call: closes dead runs, records `skips`, claims `slots` (at most 1,000 of each). `recusados`, by id of the
   * claim: all others are won.
   */
  claim(
    slots: readonly SlotClaim[],
    skips: readonly SlotSkip[],
    timeoutMs?: number,
  ): Promise<{ agora: Date; recusados: ReadonlyMap<string, ClaimRefusal>; mortas: DeadRun[] }>;
  recordSkips(skips: readonly SlotSkip[]): Promise<number>;
  /**
   * Sign of life: renews the leases of `tokens`, closes dead runs. `renovados` are the tokens still ours;
   * `interrompidas` are runs nobody knows the end of, whoever closed them, while they could still be sent; those that the API
   * saw only for five minutes. `proxima_expiracao` is when the first lease of others ends, unless renewed.
   */
  beat(
    tickAgeMs: number | null,
    tokens: readonly string[],
  ): Promise<{
    agora: Date;
    renovados: Set<string>;
    mortas: DeadRun[];
    interrompidas: DeadRun[];
    proxima_expiracao: Date | null;
  }>;
  /** Runs closed as interrompido that the API never saw, opened again for us; the ids won. A pause in force holds them. */
  retake(runs: readonly Retake[]): Promise<Set<string>>;
  /**
   * Writes the end of a run; ends that come close together share a call. Tries for 10 minutes. False when the row is no
   * longer ours or the time was up.
   */
  finish(end: RunEnd): Promise<boolean>;
  /** This instance has stopped on purpose. */
  goodbye(): Promise<void>;
  /** One batch of at most 5,000; the number deleted. */
  pruneExecutions(days: number, errorDays: number): Promise<number>;
  pruneRest(days: number): Promise<number>;
  /** Transitions of circuits older than 30 days. */
  pruneCircuits(): Promise<number>;
  /** Read before anything is written: a scheduler on the wrong database must not send anything. */
  markers(): Promise<Markers>;
}

export interface LedgerOptions {
  db: Db;
  instanceId: string;
  log: Logger;
  leaseMs?: number;
  timers?: Timers;
  /** When given, SQL compares with its instants instead of the database's clock: tests and simulations. */
  clock?: Clock;
}

const PRUNE_LIMIT = 5_000;
const dead = z.array(
  z.object({
    id: z.string(),
    job_name: z.string(),
    scheduled_for: instant.nullable(),
    instance_id: z.string().nullable(),
    lease_token: z.string().nullable(),
    status: z.string(),
    error: z.string().nullable(),
    finished_at: instant,
    duration_ms: z.number(),
    response_code: z.number().nullable(),
    items_processed: z.number().nullable(),
    nunca_chegou: z.boolean(),
  }),
);
const marked = z.object({ environment: z.string().nullable(), supabase_project_ref: z.string().nullable() });
const registered = z.object({
  agora: instant,
  jobs: z.array(z.object({ job_name: z.string(), registered_at: instant, ultimo_slot: instant.nullable() })),
});
const claimed = z.object({
  agora: instant,
  recusados: z.array(
    z.object({
      id: z.string(),
      motivo: z.enum(["ja_reivindicado", "ja_pulado", "slot_no_futuro", "em_execucao"]),
      em_andamento: z.string().nullable(),
      desde: instant.nullable(),
    }),
  ),
  mortas: dead,
});
const beaten = z.object({
  agora: instant,
  renovados: z.array(z.string()),
  mortas: dead,
  interrompidas: dead,
  proxima_expiracao: instant.nullable(),
});

export function createLedger(options: LedgerOptions): Ledger {
  const { db, instanceId, log, clock, timers = systemTimers, leaseMs = 30_000 } = options;
  const common = () => ({ p_instancia: instanceId, ...(clock ? { p_agora: clock.now().toISOString() } : {}) });
  const moment = () => (clock ? { p_agora: clock.now().toISOString() } : {});

  // Slots that are due go before runs that are over: the two would fight for the same disk. A claim has its own deadline.
  let claiming = 0;
  let noClaim = Promise.withResolvers<void>();

  const endBatch = createEndBatch<RunEnd>({
    timers,
    log,
    idOf: (end) => end.id,
    async write(ends) {
      if (claiming > 0) await noClaim.promise;
      const itens = ends.map((e) => ({
        id: e.id,
        lease_token: e.leaseToken,
        status: e.status,
        duration_ms: Math.max(0, Math.round(e.durationMs)),
        response_code: e.responseCode,
        error: e.error,
        items_processed: e.itemsProcessed,
      }));
      return new Set(await rpc(db, "encerrar_execucoes", { p_itens: itens, ...common() }, z.array(z.string())));
    },
  });

  return {
    register: (jobs) => rpc(db, "registrar_catalogo", { p_jobs: jobs, ...common() }, registered),
    async claim(slots, skips, timeoutMs) {
      const args = {
        p_ids: slots.map((s) => s.id),
        p_tokens: slots.map((s) => s.leaseToken),
        p_jobs: slots.map((s) => s.job),
        p_horarios: slots.map((s) => s.slot.toISOString()),
        p_gatilhos: slots.map((s) => s.trigger),
        p_pulados: skips.map(skipRow),
        p_lease_ms: leaseMs,
        ...common(),
      };
      const options = timeoutMs === undefined ? {} : { timeoutMs };
      claiming++;
      const answer = rpc(db, "reivindicar_slots", args, claimed, options).finally(() => {
        if (--claiming > 0) return;
        noClaim.resolve();
        noClaim = Promise.withResolvers<void>();
      });
      const { agora, mortas, recusados } = await answer;
      return { agora, mortas, recusados: new Map(recusados.map((r) => [r.id, r])) };
    },
    recordSkips: (skips) => rpc(db, "registrar_slots_pulados", { p_pulados: skips.map(skipRow), ...common() }, z.int()),
    async beat(tickAgeMs, tokens) {
      const age = tickAgeMs === null ? null : Math.max(0, Math.round(tickAgeMs));
      const args = { p_tick_ha_ms: age, p_tokens: tokens, p_lease_ms: leaseMs, ...common() };
      const answer = await rpc(db, "bater_scheduler", args, beaten);
      return { ...answer, renovados: new Set(answer.renovados) };
    },
    async retake(runs) {
      const itens = runs.map((r) => ({ id: r.id, lease_token: r.leaseToken }));
      const args = { p_itens: itens, p_lease_ms: leaseMs, ...common() };
      return new Set(await rpc(db, "retomar_execucoes", args, z.array(z.string())));
    },
    finish: (end) => endBatch.add(end),
    async goodbye() {
      await rpc(db, "parar_scheduler", common(), z.unknown());
    },
    pruneExecutions: (days, errorDays) =>
      rpc(
        db,
        "podar_job_executions",
        { p_dias: days, p_dias_erros: errorDays, p_limite: PRUNE_LIMIT, ...moment() },
        z.int(),
      ),
    async pruneRest(days) {
      const args = { p_dias: days, p_limite: PRUNE_LIMIT, ...moment() };
      const counts = await rpc(db, "podar_agendador", args, z.record(z.string(), z.int()));
      return Object.values(counts).reduce((a, b) => a + b, 0);
    },
    pruneCircuits: () => rpc(db, "podar_circuit_transitions", { p_limite: PRUNE_LIMIT, ...moment() }, z.int()),
    markers: () => rpc(db, "ler_marcadores", {}, marked),
  };
}

function skipRow(skip: SlotSkip) {
  return { job_name: skip.job, scheduled_for: skip.slot.toISOString(), motivo: skip.motivo, detalhe: skip.detalhe };
}
