import { type DestinationStream, type Logger as Pino, pino, stdTimeFunctions } from "pino";
import { errorMessage } from "./errors.ts";
import { maskPhones, safeErrorText } from "./text.ts";

/**
 * Structured log, one JSON object per line on stdout. Object first, words second:
 * `log.info({ job, duration_ms }, "OK processar_grupos")`. Field names are always: job execution_id slot item_id
 * mensagem_id vaga_grupo_id estagio attempt topic worker circuit duration_ms items_processed motivo err.
 */
export type Logger = Pick<Pino, "debug" | "info" | "warn" | "error" | "fatal"> & {
  child(fields: Record<string, unknown>): Logger;
};

export const LOG_LEVELS = ["debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  level?: LogLevel;
  /** Fields of every line, e.g. `{ service: "api" }`. */
  base?: Record<string, unknown>;
  destination?: DestinationStream;
}

const SECRET_PATHS = ["authorization", "apikey", "token", "secret", "password", "key"].flatMap((k) => [
  k,
  `*.${k}`,
  `headers.${k}`,
]);

/** Never logs a secret (redacted paths) or a phone number (masked to its last 4 digits in messages and errors). */
export function createLogger(options: LoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? "info",
    base: options.base ?? {},
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: SECRET_PATHS, censor: "[oculto]" },
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
    hooks: {
      logMethod(this: Pino, args: unknown[], method: (...a: unknown[]) => void) {
        method.apply(
          this,
          args.map((a) => (typeof a === "string" ? maskPhones(a) : a)),
        );
      },
    },
  };
  return (options.destination
    ? pino(settings as never, options.destination)
    : pino(settings as never)) as unknown as Logger;
}

/** For tests and tools that do not care. */
export const silentLogger: Logger = createLogger({ level: "silent" });

function serializeError(err: unknown): unknown {
  if (!(err instanceof Error)) return { message: safeErrorText(String(err)) };
  const code = (err as { code?: unknown }).code;
  return {
    type: err.name,
    ...(code === undefined ? {} : { code }),
    message: safeErrorText(errorMessage(err)),
    ...(err.stack ? { stack: maskPhones(err.stack.split("\n").slice(1, 8).join("\n")) } : {}),
  };
}
