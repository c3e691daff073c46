import type { IncomingHttpHeaders } from "node:http";
import { type Dispatcher, Pool } from "undici";
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
  /** The body at once, or its beginning: enough chunks to exceed `limit` bytes. Faster than the loop; `fetch` has none. */
  upTo?(limit: number): Promise<Uint8Array[]> | Uint8Array[];
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
  // Not an Agent: it would look each call's pool up anew, and open the first sockets one by one to see which HTTP they speak.
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string): Pool => {
    let pool = pools.get(origin);
    if (pool === undefined) {
      pool = new Pool(origin, {
        connections,
        pipelining: 1,
        allowH2: false,
        keepAliveTimeout: keepAliveMs,
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: { timeout: connectTimeoutMs },
      });
      pools.set(origin, pool);
    }
    return pool;
  };
  return {
    send: (url, init) => exchange(poolOf, url, init),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

const ABORTED = () => new DOMException("aborted", "AbortError");

function exchange(poolOf: (origin: string) => Pool, url: string, init: Parameters<Send>[1]): Promise<SendAnswer> {
  const { signal, method, headers, body } = init;
  if (signal.aborted) return Promise.reject(ABORTED());
  const { origin, path } = split(url);
  return new Promise((resolve, reject) => {
    const one = new Exchange(signal, resolve, reject);
    signal.addEventListener("abort", one, { once: true });
    poolOf(origin).dispatch({ path, method, headers, body }, one);
  });
}

/** One request: undici's handler, the listener of its signal and the answer's body at once; thousands may be under way. */
class Exchange implements Dispatcher.DispatchHandler, SendAnswer {
  status = 0;
  readonly #signal: AbortSignal;
  readonly #resolve: (answer: SendAnswer) => void;
  readonly #reject: (reason: Error) => void;
  #answered: IncomingHttpHeaders = {};
  #chunks: Uint8Array[] = [];
  #finished = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  /** Null: still waiting for a socket; cut when it gets one. */
  #controller: Dispatcher.DispatchController | null = null;

  constructor(signal: AbortSignal, resolve: (answer: SendAnswer) => void, reject: (reason: Error) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get headers(): SendAnswer["headers"] {
    return { get: (name) => first(this.#answered[name.toLowerCase()]) };
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  /** Small answers are whole when their headers are told: no generator, no further turn. */
  upTo(limit: number): Promise<Uint8Array[]> | Uint8Array[] {
    if (this.#finished) return this.#chunks;
    return this.#gather(limit);
  }

  async #gather(limit: number): Promise<Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.#read()) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > limit) break; // leaving the loop ends the connection
    }
    return chunks;
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const ready = this.#chunks;
        this.#chunks = [];
        yield* ready;
        if (this.#chunks.length > 0) continue;
        if (this.#failure) throw this.#failure;
        if (this.#finished) return;
        await new Promise<void>((r) => {
          this.#wake = r;
        });
      }
    } finally {
      if (!this.#finished && !this.#failure) this.handleEvent();
    }
  }

  /** The signal was aborted, or the reader has had enough. */
  handleEvent(): void {
    const reason = ABORTED();
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  #fail(reason: Error): void {
    if (this.#finished || this.#failure) return;
    this.#failure = reason;
    this.#signal.removeEventListener("abort", this);
    this.#reject(reason); // without effect once the headers are here: then it is the reader's
    this.#news();
  }

  #news(): void {
    this.#wake?.();
    this.#wake = null;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#failure) controller.abort(this.#failure);
    else this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return; // 100 and 103 only announce
    this.status = status;
    this.#answered = headers;
    this.#resolve(this);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#news();
  }

  onResponseEnd(): void {
    this.#finished = true;
    this.#signal.removeEventListener("abort", this);
    this.#news();
  }

  onResponseError(_controller: Dispatcher.DispatchController, err: Error): void {
    this.#fail(err);
  }
}

/** All calls of a scheduler go to one place: `new URL` for each would be half of their cost. */
function split(url: string): { origin: string; path: string } {
  const at = url.indexOf("/", url.indexOf("://") + 3);
  return at < 0 ? { origin: url, path: "/" } : { origin: url.slice(0, at), path: url.slice(at) };
}

function first(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
