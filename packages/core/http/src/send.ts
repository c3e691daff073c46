import { Agent } from "undici";
import type { DispatcherOptions } from "./dispatcher.ts";

/** The part of `fetch` that a caller with its own deadline needs; the global `fetch` is one. */
export type Send = (
  url: string,
  init: {
    method: "POST";
    headers: Record<string, string>;
    body: string;
    signal: AbortSignal;
    redirect: "manual";
  },
) => Promise<SendAnswer>;

export interface SendAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Leaving the loop early ends the connection. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

export interface Sender {
  readonly send: Send;
  /** Waits for requests under way, then closes the sockets. */
  close(): Promise<void>;
}

/**
 * `Send` straight on undici's sockets. The global `fetch` spends a quarter of a millisecond of this process on each call, on
 * streams and checks that a small POST has no use for; a tick of ten thousand calls cannot wait for that. Redirects are never
 * followed here, and undici's own header and body timeouts (300 s) are off: the caller's signal is the only deadline.
 */
export function createSender(options: DispatcherOptions = {}): Sender {
  const { connections = 64, keepAliveMs = 10_000, connectTimeoutMs = 5000 } = options;
  const agent = new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectTimeoutMs },
  });
  return { send: (url, init) => exchange(agent, url, init), close: () => agent.close() };
}

const ABORTED = () => new DOMException("aborted", "AbortError");

function exchange(agent: Agent, url: string, init: Parameters<Send>[1]): Promise<SendAnswer> {
  const { signal, method, headers, body } = init;
  if (signal.aborted) return Promise.reject(ABORTED());
  const { origin, path } = split(url);
  return new Promise((resolve, reject) => {
    let chunks: Uint8Array[] = [];
    let finished = false;
    let failure: Error | null = null;
    let wake: (() => void) | null = null;
    let cut: ((reason: Error) => void) | null = null;
    const news = () => {
      wake?.();
      wake = null;
    };
    const onAbort = () => {
      const reason = ABORTED();
      fail(reason);
      cut?.(reason); // null: still waiting for a socket; it is cut when it gets one
    };
    const over = () => signal.removeEventListener("abort", onAbort);
    function fail(reason: Error): void {
      if (finished || failure) return;
      failure = reason;
      over();
      reject(reason); // without effect once the headers are here: then it is the reader's
      news();
    }
    async function* read(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          const ready = chunks;
          chunks = [];
          yield* ready;
          if (chunks.length > 0) continue;
          if (failure) throw failure;
          if (finished) return;
          await new Promise<void>((r) => {
            wake = r;
          });
        }
      } finally {
        if (!finished && !failure) onAbort();
      }
    }
    signal.addEventListener("abort", onAbort, { once: true });
    agent.dispatch(
      { origin, path, method, headers, body },
      {
        onRequestStart(controller) {
          if (failure) controller.abort(failure);
          else cut = (reason) => controller.abort(reason);
        },
        onResponseStart(_controller, status, answered) {
          if (status < 200) return; // 100 and 103 only announce
          resolve({ status, headers: { get: (name) => first(answered[name.toLowerCase()]) }, body: read() });
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
          news();
        },
        onResponseEnd() {
          finished = true;
          over();
          news();
        },
        onResponseError(_controller, err) {
          fail(err);
        },
      },
    );
  });
}

/** All calls of a scheduler go to one place: `new URL` for each would be half of their cost. */
function split(url: string): { origin: string; path: string } {
  const at = url.indexOf("/", url.indexOf("://") + 3);
  return at < 0 ? { origin: url, path: "/" } : { origin: url.slice(0, at), path: url.slice(at) };
}

function first(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
