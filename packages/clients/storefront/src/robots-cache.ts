import { retryAfterOf } from "#core/http";
import type { Clock } from "#core/runtime";
import type { PageAnswer } from "./page-source.ts";
import { ALLOW_ALL, parseRobots, type RobotsRules, robotsAllow } from "./robots.ts";

/** How reading a robots.txt ended: a response of any status, or the answer that asking for it became. */
type Reading = { response: Response } | { answer: PageAnswer };
/** Rules, or why there are none for now. */
type Known = { rules: RobotsRules } | { answer: PageAnswer };

export interface RobotsCache {
  /** Null: the page may be asked for. Otherwise how asking for it ends. Throws only the reason of an aborted signal. */
  check(url: URL, signal: AbortSignal): Promise<PageAnswer | null>;
}

const RULES_KEPT_MS = 3_600_000;
/** A robots.txt that cannot be read closes the host (RFC 9309 §2.3.1.4), but not for an hour. */
const TROUBLE_KEPT_MS = 60_000;
const MAX_HOSTS = 200;
const MAX_CHARS = 512 * 1024;

export function createRobotsCache(options: {
  clock: Clock;
  read(url: URL, signal: AbortSignal): Promise<Reading>;
}): RobotsCache {
  const { clock, read } = options;
  const cache = new Map<string, { value: Known; untilMs: number }>();
  const loading = new Map<string, Promise<Known>>();

  async function load(origin: string, signal: AbortSignal): Promise<Known> {
    const value = await interpret(await read(new URL("/robots.txt", origin), signal), clock);
    // The oldest goes first; any bound would do, hosts of an allow-list are few.
    const oldest = cache.keys().next().value;
    if (cache.size >= MAX_HOSTS && oldest !== undefined) cache.delete(oldest);
    // A block is told once, to the page that met it: the queue's own pause says when to come back.
    if (!("answer" in value && value.answer.kind === "blocked")) {
      const keptMs = "rules" in value ? RULES_KEPT_MS : TROUBLE_KEPT_MS;
      cache.set(origin, { value, untilMs: clock.monotonicMs() + keptMs });
    }
    return value;
  }

  /** One reading at a time per host. It lives as long as its first asker; the others then read it themselves. */
  function shared(origin: string, signal: AbortSignal): Promise<Known> {
    const underWay = loading.get(origin);
    if (underWay) return underWay;
    const reading = load(origin, signal).finally(() => loading.delete(origin));
    loading.set(origin, reading);
    return reading;
  }

  async function known(origin: string, signal: AbortSignal): Promise<Known> {
    for (;;) {
      const kept = cache.get(origin);
      if (kept && clock.monotonicMs() < kept.untilMs) return kept.value;
      const value = await orAborted(
        shared(origin, signal).catch(() => null),
        signal,
      );
      if (value !== null) return value;
      signal.throwIfAborted();
    }
  }

  return {
    async check(url, signal) {
      const value = await known(url.origin, signal);
      if ("answer" in value) return value.answer;
      return robotsAllow(value.rules, url.pathname + url.search) ? null : { kind: "refused", motivo: "robots" };
    },
  };
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

async function interpret(reading: Reading, clock: Clock): Promise<Known> {
  if ("answer" in reading) {
    // Off to a host that is not the storefront's: no rules of its own.
    return reading.answer.kind === "refused" ? { rules: ALLOW_ALL } : reading;
  }
  const { status, headers } = reading.response;
  if (status === 429) {
    return {
      answer: { kind: "blocked", motivo: "HTTP 429 em robots.txt", status, retryAfterMs: retryAfterOf(headers, clock) },
    };
  }
  if (status >= 500) return { answer: { kind: "failed", motivo: `robots.txt: HTTP ${status}` } };
  if (status !== 200) return { rules: ALLOW_ALL };
  return { rules: parseRobots((await reading.response.text()).slice(0, MAX_CHARS)) };
}
