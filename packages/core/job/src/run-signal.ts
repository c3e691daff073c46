import type { Timers } from "#core/executions";
import { AppError, type Clock, TransientError } from "#core/runtime";

/** Why a run must start nothing more; the signal's reason, hence what `signal.throwIfAborted()` throws. */
export type StopReason = "orcamento" | "cliente" | "encerrando" | "trava";

const REASONS: Record<StopReason, () => AppError> = {
  orcamento: () => new TransientError("tempo_esgotado", "o tempo desta execução acabou"),
  cliente: () => new TransientError("tempo_esgotado", "quem chamou desistiu da resposta"),
  encerrando: () => new TransientError("encerrando", "o processo está encerrando"),
  trava: () => new AppError("conflito", "a trava do job foi perdida para outro processo"),
};

export interface RunSignal {
  readonly signal: AbortSignal;
  stop(reason: StopReason): void;
  /** Resolves when the caller must be answered, finished or not. */
  readonly answerDue: Promise<"prazo">;
  dispose(): void;
}

/** Shares of the caller's remaining time: of the scheduler's 300 s they are the 240 s of work and the 290 s of the answer. */
const WORK_SHARE = 240 / 300;
const ANSWER_SHARE = 290 / 300;

/** One signal out of the run's own budget, the caller's deadline, the caller's disconnect and the process's shutdown. */
export function runSignal(options: {
  clock: Clock;
  timers: Timers;
  budgetMs: number;
  answerByMs: number;
  deadline: Date | null;
  client: AbortSignal;
  shutdown: AbortSignal;
}): RunSignal {
  const { clock, timers, deadline, client, shutdown } = options;
  const remaining =
    deadline === null ? Number.POSITIVE_INFINITY : Math.max(0, deadline.getTime() - clock.now().getTime());
  const controller = new AbortController();
  const stop = (reason: StopReason) => {
    if (!controller.signal.aborted) controller.abort(REASONS[reason]());
  };
  const onClient = () => stop("cliente");
  const onShutdown = () => stop("encerrando");
  client.addEventListener("abort", onClient, { once: true });
  shutdown.addEventListener("abort", onShutdown, { once: true });
  if (client.aborted) onClient();
  if (shutdown.aborted) onShutdown();

  const answer = Promise.withResolvers<"prazo">();
  const cancels = [
    timers.after(Math.min(options.budgetMs, remaining * WORK_SHARE), () => stop("orcamento")),
    timers.after(Math.min(options.answerByMs, remaining * ANSWER_SHARE), () => answer.resolve("prazo")),
  ];
  return {
    signal: controller.signal,
    stop,
    answerDue: answer.promise,
    dispose() {
      for (const cancel of cancels) cancel();
      client.removeEventListener("abort", onClient);
      shutdown.removeEventListener("abort", onShutdown);
    },
  };
}
