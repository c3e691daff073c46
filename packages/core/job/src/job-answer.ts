import { AppError, errorMessage, safeErrorText } from "#core/runtime";

/** What the HTTP door sends (`decisions.md` §2). */
export interface JobAnswer {
  httpStatus: number;
  body: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Error → status and body: no stack, phones masked. Anything unknown is a 500 `erro_interno`. */
export function errorAnswer(err: unknown): JobAnswer {
  const app = err instanceof AppError ? err : undefined;
  return {
    httpStatus: app?.status ?? 500,
    body: {
      status: "error",
      codigo: app?.code ?? "erro_interno",
      ...(app?.campo === undefined ? {} : { campo: app.campo }),
      message: safeErrorText(app?.message ?? errorMessage(err)),
    },
  };
}

/** The job is running already: refused, nothing was done. */
export function busyAnswer(message: string): JobAnswer {
  return { httpStatus: 409, body: { status: "skipped", motivo: "job_em_execucao", message, processados: 0 } };
}
