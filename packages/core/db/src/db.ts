import { createClient } from "@supabase/supabase-js";
import type { z } from "zod";
import type { Database } from "./database.gen.ts";
import { translateDbError } from "./db-error.ts";

type Functions = Database["public"]["Functions"];
/** Name of a SQL function of schema `public`, as generated from the migrated database. */
export type FunctionName = keyof Functions & string;
export type FunctionArgs<F extends FunctionName> = Functions[F]["Args"];
export type FunctionReturns<F extends FunctionName> = Functions[F]["Returns"];

export interface CallOptions {
  signal?: AbortSignal;
  /** Own deadline of this call, ms; default 10 000 (the hosted API cuts a statement at 8 s). */
  timeoutMs?: number;
}

/** The door to Postgres. Every method throws an AppError; none returns an error. */
export interface Db {
  /** One SQL function = one transaction = one round trip. */
  call<F extends FunctionName>(fn: F, args: FunctionArgs<F>, options?: CallOptions): Promise<FunctionReturns<F>>;
  /** The same for functions that answer jsonb: the answer is parsed by `schema`, so that its shape is checked and typed. */
  json<F extends FunctionName, S extends z.ZodType>(
    fn: F,
    args: FunctionArgs<F>,
    schema: S,
    options?: CallOptions,
  ): Promise<z.output<S>>;
}

export interface DbOptions {
  /** Supabase project URL, without `/rest/v1`. */
  url: string;
  /** Secret (service role) key. */
  key: string;
  /** The fetch of `#core/http`, so that deadline and breaker are shared; default the global one. */
  fetch?: typeof fetch;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** A deadlock victim was rolled back whole, so calling again is safe; bounded. */
const DEADLOCK_RETRIES = 3;

export function createDb(options: DbOptions): Db {
  const client = createClient<Database>(options.url, options.key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    ...(options.fetch ? { global: { fetch: options.fetch } } : {}),
  });

  async function call(fn: string, args: object, opts: CallOptions = {}): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      const timeout = AbortSignal.timeout(opts.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const signal = opts.signal ? AbortSignal.any([opts.signal, timeout]) : timeout;
      // The generated overloads cannot be applied to a generic name; Db's own signature is the typed one.
      const rpc = client.rpc as unknown as (
        name: string,
        params: object,
      ) => { abortSignal(s: AbortSignal): PromiseLike<{ data: unknown; error: unknown; status: number }> };
      const { data, error, status } = await rpc.call(client, fn, args).abortSignal(signal);
      if (!error) return data;
      opts.signal?.throwIfAborted();
      const translated = translateDbError(fn, error, status);
      if (translated.details?.sqlstate !== "40P01" || attempt >= DEADLOCK_RETRIES) throw translated;
    }
  }

  return {
    call: call as Db["call"],
    async json(fn, args, schema, opts) {
      return schema.parse(await call(fn, args as object, opts)) as never;
    },
  };
}
