import type { LookupFunction } from "node:net";
import { Agent, Dispatcher1Wrapper } from "undici";

/** Sockets to one upstream, apart from all others: a slow upstream cannot take another one's connections. */
export interface UpstreamDispatcher {
  /** Goes into the `dispatcher` of a global `fetch`. */
  readonly forFetch: NonNullable<RequestInit["dispatcher"]>;
  /** Waits for requests under way, then closes the sockets. */
  close(): Promise<void>;
}

export interface DispatcherOptions {
  /** Most sockets at a time; further requests queue inside undici. */
  connections?: number;
  /** Idle sockets are kept this long, ms. */
  keepAliveMs?: number;
  /** Deadline for TCP and TLS, ms. */
  connectTimeoutMs?: number;
  /** How names are resolved; `publicOnlyLookup` for addresses that come from outside. Default the system's way. */
  lookup?: LookupFunction;
}

/**
 * undici's own header and body timeouts (300 s) are off: deadlines are ours, and two clocks must not race for one event.
 *
 * Node 24's global `fetch` is undici 7 and speaks the older handler protocol; an undici 8 Agent given to it directly
 * fails every request with "invalid onRequestStart method". The wrapper, undici's own, translates.
 */
export function createDispatcher(options: DispatcherOptions = {}): UpstreamDispatcher {
  const { connections = 64, keepAliveMs = 10_000, connectTimeoutMs = 5000, lookup } = options;
  const agent = new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectTimeoutMs, ...(lookup ? { lookup } : {}) },
  });
  return {
    // The types of `fetch` come from the undici that node bundles, those of Agent from the package.
    forFetch: new Dispatcher1Wrapper(agent) as unknown as UpstreamDispatcher["forFetch"],
    close: () => agent.close(),
  };
}

/**
 * The global `fetch` on these sockets and nothing more: for a caller that owns its deadline and reads the body itself, such
 * as the scheduler, whose answer may be cut at any byte.
 */
export function fetchThrough(dispatcher: UpstreamDispatcher): typeof fetch {
  return (input, init) => globalThis.fetch(input, { ...init, dispatcher: dispatcher.forFetch });
}
