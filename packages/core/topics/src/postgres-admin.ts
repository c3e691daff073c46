import { z } from "zod";
import type { Db } from "#core/db";
import type { BrokerAdmin } from "./broker.ts";
import type { Json } from "./json.ts";

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const DeadRows = z.array(
  z.object({
    id: z.number(),
    message_id: z.number(),
    topic: z.string(),
    group_id: z.string(),
    worker: z.string(),
    attempts: z.number(),
    last_error: z.string().nullable(),
    payload: z.json(),
    published_at: instant,
    finished_at: instant,
  }),
);

const HealthRows = z.array(
  z.object({
    worker: z.string(),
    topic: z.string(),
    group_id: z.string(),
    pausado: z.boolean(),
    pendentes: z.number(),
    idade_s: z.number().nullable(),
    processando: z.number(),
    aguardando_retry: z.number(),
    mortas_1h: z.number(),
    mortas_24h: z.number(),
    ok_1h: z.number(),
    falhas_1h: z.number(),
  }),
);

/** A health answer that comes later than this is of no use. */
const HEALTH_TIMEOUT_MS = 5000;

/** A call each: more deliveries than this are left for the next request. */
const REMOVAL_CALLS = 200;
const Removal = z.object({ removed: z.boolean(), ended: z.number(), more: z.boolean() });

const Backlog = z.object({ devidas: z.number(), sem_consumidor: z.number() });

/** The tables' own questions and operations. `at` gives the instant of each call, or nothing: the database's. */
export function postgresAdmin(db: Db, at: () => { p_now?: string }): BrokerAdmin {
  return {
    async listDead({ worker, limit }) {
      const args = { p_limit: limit, ...(worker === undefined ? {} : { p_worker: worker }) };
      const rows = await db.json("list_dead_deliveries", args, DeadRows);
      return rows.map((r) => ({
        id: String(r.id),
        messageId: String(r.message_id),
        topic: r.topic,
        groupId: r.group_id,
        worker: r.worker,
        attempts: r.attempts,
        error: r.last_error ?? "",
        payload: r.payload as Json,
        publishedAt: r.published_at,
        diedAt: r.finished_at,
      }));
    },
    async replay(deliveryId) {
      const id = Number(deliveryId); // another broker's ids are no numbers
      return Number.isSafeInteger(id) && (await db.call("replay_delivery", { p_id: id, ...at() }));
    },
    pause: (topic, groupId, paused) =>
      db.call("pause_topic_group", { p_topic: topic, p_group_id: groupId, p_paused: paused }),
    async removeGroup(topic, groupId) {
      let ended = 0;
      let known = false;
      for (let call = 0; call < REMOVAL_CALLS; call++) {
        const r = await db.json("remove_topic_group", { p_topic: topic, p_group_id: groupId }, Removal);
        ended += r.ended;
        known ||= r.removed || r.ended > 0;
        if (!r.more) break;
      }
      return known ? ended : null;
    },
    purge: (limit) => db.call("purge_messages", { p_limit: limit, ...at() }),
    async backlog(groups) {
      const rows = groups.map((g) => ({ topic: g.topic, group_id: g.groupId }));
      const r = await db.json("count_topic_backlog", { p_groups: rows, ...at() }, Backlog);
      return { due: r.devidas, withoutConsumer: r.sem_consumidor };
    },
    async health() {
      const rows = await db.json("summarize_topics", at(), HealthRows, { timeoutMs: HEALTH_TIMEOUT_MS });
      return rows.map((r) => ({
        worker: r.worker,
        topic: r.topic,
        groupId: r.group_id,
        paused: r.pausado,
        pending: r.pendentes,
        oldestDueS: r.idade_s,
        running: r.processando,
        waitingRetry: r.aguardando_retry,
        dead1h: r.mortas_1h,
        dead24h: r.mortas_24h,
        successRate1h: r.ok_1h + r.falhas_1h === 0 ? null : r.ok_1h / (r.ok_1h + r.falhas_1h),
      }));
    },
  };
}
