import { PermanentError } from "#core/runtime";

/** A JSON value as it is stored and delivered. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What may be published: JSON, plus what turns into it (a Date becomes its ISO string, an undefined key is left out). */
export type Jsonable = Json | Date | undefined | readonly Jsonable[] | { readonly [key: string]: Jsonable };

/** 256 KB: a message says what happened; a file belongs in a store, with its address in the message. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

/** An unpaired surrogate or a NUL, as `JSON.stringify` writes them: PostgreSQL's jsonb holds neither. */
const NOT_STORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89ab][0-9a-f]{2}|d[c-f][0-9a-f]{2})/i;

/**
 * The JSON value that consumers will receive, as a copy: what the caller does to its object afterwards changes nothing.
 * Throws PermanentError `parametro_invalido`, field `payload`, for what JSON cannot say (BigInt, functions, symbols,
 * cycles, undefined at the top), for text that PostgreSQL cannot hold, and for more than 256 KB.
 */
export function toJson(value: unknown, what = "payload"): Json {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, refuseCode);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new PermanentError("parametro_invalido", `${what} não é JSON: ${why}`, { cause, campo: what });
  }
  if (text === undefined) throw new PermanentError("parametro_invalido", `${what} não é JSON`, { campo: what });
  // A character is at most three bytes of UTF-8, so most messages need no count.
  if (text.length * 3 > MAX_PAYLOAD_BYTES && Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
    throw new PermanentError("parametro_invalido", `${what} passa de 256 KB`, { campo: what });
  }
  if (text.includes("\\u") && NOT_STORABLE.test(text)) {
    throw new PermanentError(
      "parametro_invalido",
      `${what} tem um caractere que o banco não guarda (NUL ou inválido)`,
      {
        campo: what,
      },
    );
  }
  return JSON.parse(text) as Json;
}

/** `JSON.stringify` drops functions and symbols in silence; a message that lost a field must not go out. */
function refuseCode(key: string, value: unknown): unknown {
  if (typeof value === "function" || typeof value === "symbol") {
    throw new TypeError(`${key || "valor"} é ${typeof value === "function" ? "uma função" : "um símbolo"}`);
  }
  return value;
}
