import { randomUUID } from "node:crypto";
import { systemTimers, type Timers } from "#core/executions";
import type { Clock } from "#core/runtime";
import type { Broker, ClaimRequest, Delivery, Exchange, GroupSpec, OutgoingMessage, Settlement } from "./broker.ts";
import type { Json } from "./json.ts";

export interface MemoryBrokerOptions {
  clock: Clock;
  leaseSeconds: number;
  timers?: Timers;
}

/** The state of one delivery, as tests look at it. */
export interface MemoryDelivery {
  id: string;
  message: MemoryMessage;
  groupId: string;
  status: "pendente" | "processando" | "aguardando_retry" | "concluida" | "morta";
  attempts: number;
  availableAtMs: number;
  token: string | null;
  lockedUntilMs: number;
  error: string | null;
}

export interface MemoryMessage {
  id: number;
  topic: string;
  payload: Json;
  key: string | null;
  headers: Record<string, string>;
  correlationId: string;
  causationId: string | null;
  dedupeKey: string | null;
}

export interface MemoryBroker extends Broker {
  readonly messages: readonly MemoryMessage[];
  readonly deliveries: readonly MemoryDelivery[];
}

/** The same promises in one process's memory, on an injected clock: for unit tests of workers, and as the contract's model. */
export function createMemoryBroker({ clock, leaseSeconds, timers = systemTimers }: MemoryBrokerOptions): MemoryBroker {
  const messages: MemoryMessage[] = [];
  const deliveries: MemoryDelivery[] = [];
  const groups: GroupSpec[] = [];
  const waiting = new Set<() => void>();
  const nowMs = () => clock.now().getTime();
  const ended = (d: MemoryDelivery) => d.status === "concluida" || d.status === "morta";
  const open = (d: MemoryDelivery) => d.status === "pendente" || d.status === "aguardando_retry";

  function deliver(message: MemoryMessage, groupId: string, availableAtMs: number): void {
    deliveries.push({
      id: String(deliveries.length + 1),
      message,
      groupId,
      status: "pendente",
      attempts: 0,
      availableAtMs,
      token: null,
      lockedUntilMs: 0,
      error: null,
    });
  }

  function publishOne(m: OutgoingMessage): string {
    const twin = m.dedupeKey && messages.find((o) => o.topic === m.topic && o.dedupeKey === m.dedupeKey);
    if (twin) return String(twin.id);
    const message: MemoryMessage = {
      id: messages.length + 1,
      topic: m.topic,
      payload: structuredClone(m.payload),
      key: m.key ?? null,
      headers: { ...m.headers },
      correlationId: m.correlationId ?? randomUUID(),
      causationId: m.causationId ?? null,
      dedupeKey: m.dedupeKey ?? null,
    };
    messages.push(message);
    for (const g of groups) if (g.topic === m.topic) deliver(message, g.groupId, nowMs() + (m.delayMs ?? 0));
    return String(message.id);
  }

  function publish(out: readonly OutgoingMessage[]): string[] {
    const ids = out.map(publishOne);
    for (const wake of [...waiting]) wake();
    return ids;
  }

  /** False: the lease is no longer held. */
  function settle(s: Settlement): boolean {
    const d = deliveries.find((o) => o.token === s.delivery.token);
    if (!d) return false;
    if (d.status !== "processando") return true; // settled before; its answer was lost
    if (s.kind === "complete") d.status = "concluida";
    else if (s.kind === "bury") d.status = "morta";
    else {
      if (s.kind === "release") d.attempts--;
      d.status = d.attempts === 0 ? "pendente" : "aguardando_retry";
      d.availableAtMs = nowMs() + (s.kind === "retry" ? s.delayMs : 0);
    }
    if (s.kind === "retry" || s.kind === "bury") d.error = s.error;
    publish(s.kind === "complete" ? s.out : s.kind === "bury" && s.dlq ? [s.dlq] : []);
    return true;
  }

  function claim({ topic, groupId, max }: ClaimRequest): Delivery[] {
    const mine = deliveries.filter((d) => d.message.topic === topic && d.groupId === groupId);
    const isTurn = (d: MemoryDelivery) =>
      d.message.key === null ||
      !mine.some((o) => o.message.key === d.message.key && o.message.id < d.message.id && !ended(o));
    const due = mine
      .filter((d) => open(d) && d.availableAtMs <= nowMs() && isTurn(d))
      .sort((a, b) => a.availableAtMs - b.availableAtMs || a.message.id - b.message.id);
    return due.slice(0, max).map((d) => {
      d.status = "processando";
      d.attempts++;
      d.token = randomUUID();
      d.lockedUntilMs = nowMs() + leaseSeconds * 1000;
      const { message } = d;
      return {
        id: d.id,
        token: d.token,
        messageId: String(message.id),
        topic,
        groupId,
        key: message.key,
        attempt: d.attempts,
        correlationId: message.correlationId,
        headers: { ...message.headers },
        payload: structuredClone(message.payload),
      };
    });
  }

  /** Resolves at the next publish, when a waiting delivery becomes due, or after `ms`. */
  function change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const next = Math.min(
        ms,
        ...deliveries
          .filter(open)
          .map((d) => d.availableAtMs - nowMs())
          .filter((n) => n > 0),
      );
      const wake = () => {
        cancel();
        waiting.delete(wake);
        resolve();
      };
      const cancel = timers.after(next, wake);
      waiting.add(wake);
    });
  }

  async function exchange({ settle: ends, claim: wants, waitMs }: Exchange) {
    const lost = ends.filter((s) => !settle(s)).map((s) => s.delivery.token);
    const untilMs = clock.monotonicMs() + waitMs;
    for (;;) {
      const claimed = wants.flatMap(claim);
      const leftMs = untilMs - clock.monotonicMs();
      if (claimed.length > 0 || leftMs <= 0) return { lost, deliveries: claimed };
      await change(leftMs);
    }
  }

  return {
    messages,
    deliveries,
    publish: async (out) => publish(out),
    async register(specs) {
      for (const spec of specs) {
        if (groups.some((g) => g.topic === spec.topic && g.groupId === spec.groupId)) continue;
        groups.push(spec);
        if (spec.startFrom === "earliest") {
          for (const m of messages) if (m.topic === spec.topic) deliver(m, spec.groupId, nowMs());
        }
      }
    },
    exchange,
    async extend(held) {
      const lost: string[] = [];
      for (const { token } of held) {
        const d = deliveries.find((o) => o.token === token && o.status === "processando");
        if (d) d.lockedUntilMs = nowMs() + leaseSeconds * 1000;
        else lost.push(token);
      }
      return lost;
    },
    async recover() {
      const expired = deliveries.filter((d) => d.status === "processando" && d.lockedUntilMs < nowMs());
      for (const d of expired) {
        d.status = "aguardando_retry";
        d.availableAtMs = nowMs();
        d.token = null;
        d.error = "Worker lost";
      }
      return expired.length;
    },
    admin: null,
    async close() {
      for (const wake of [...waiting]) wake();
    },
  };
}
