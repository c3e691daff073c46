import { exchange, type Upstream } from "./exchange.ts";

export interface CreateFetchOptions extends Upstream {
  /** Deadline from sending to the last byte of the body, ms. */
  timeoutMs: number;
}

const NO_BODY = new Set([101, 103, 204, 205, 304]);

/**
 * A `fetch` for supabase-js and openai: same circuit, sockets, deadline and body limit as our own client, and no
 * redirects. The caller's signal is honoured. It rejects with our typed errors (libraries wrap them as `cause`), and
 * resolves with any status, as `fetch` does. Not for event streams: the whole body is read before it resolves.
 */
export function createFetch(options: CreateFetchOptions): typeof fetch {
  return async (input, init = {}) => {
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined);
    const answer = await exchange(options, input, init, { timeoutMs: options.timeoutMs, signal });
    const headers = new Headers(answer.headers);
    // The body is decoded already.
    headers.delete("content-encoding");
    headers.delete("content-length");
    const { status, statusText } = answer;
    return new Response(NO_BODY.has(status) ? null : answer.body, { status, statusText, headers });
  };
}
