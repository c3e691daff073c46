import type { Logger } from "./logger.ts";

export interface Shutdown {
  /** Aborted at the first SIGTERM/SIGINT: start nothing new. */
  readonly signal: AbortSignal;
  /** Runs at shutdown, last registered first. `name` appears in the log when it fails or is late. */
  onClose(name: string, close: () => Promise<void> | void): void;
  /** What a signal does, callable by hand. Resolves with the exit code. */
  close(reason: string): Promise<number>;
}

export interface ShutdownOptions {
  log: Logger;
  /** Bound of the whole ordered close, ms. */
  graceMs: number;
  exit?: (code: number) => void;
  process?: Pick<NodeJS.Process, "on">;
}

/**
 * SIGTERM/SIGINT → abort signal → ordered close within `graceMs` → exit 0 (1 if something failed or was late). A second
 * signal exits at once with 1. As PID 1 Node ignores SIGTERM unless a handler is installed, hence this is explicit.
 * `uncaughtException` and `unhandledRejection` are logged with their stack and exit 1: state is unknown then.
 */
export function installShutdown(options: ShutdownOptions): Shutdown {
  const { log, graceMs, exit = process.exit, process: proc = process } = options;
  const controller = new AbortController();
  const closers: { name: string; close: () => Promise<void> | void }[] = [];
  let closing: Promise<number> | undefined;

  const close = (reason: string): Promise<number> => {
    closing ??= (async () => {
      log.info({ motivo: reason }, "encerrando");
      controller.abort(new Error(`encerrando: ${reason}`));
      let code = 0;
      const deadline = new Promise<"late">((resolve) => setTimeout(resolve, graceMs, "late").unref());
      for (const { name, close: run } of closers.reverse()) {
        try {
          const end = await Promise.race([Promise.resolve().then(run), deadline]);
          if (end === "late") {
            log.error({ etapa: name, grace_ms: graceMs }, "encerramento passou do prazo");
            return 1;
          }
        } catch (err) {
          code = 1;
          log.error({ etapa: name, err }, "falha ao encerrar");
        }
      }
      log.info({}, "encerrado");
      return code;
    })();
    return closing;
  };

  for (const sig of ["SIGTERM", "SIGINT"] as const) {
    proc.on(sig, () => {
      if (closing) exit(1);
      else void close(sig).then(exit);
    });
  }
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    proc.on(event, (err: unknown) => {
      log.fatal({ err }, event);
      exit(1);
    });
  }
  return { signal: controller.signal, onClose: (name, run) => void closers.push({ name, close: run }), close };
}
