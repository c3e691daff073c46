import { expect, test } from "vitest";
import { createSender } from "#core/http";
import type { JobCall } from "#core/job";
import { apiFalsa, TOKEN } from "../testing/api-falsa.ts";

test("quando o scheduler desiste da chamada, o job é avisado pelo seu sinal; até lá sabe o prazo e o horário", async () => {
  const chegou = Promise.withResolvers<JobCall>();
  const runner = {
    run: (_job: unknown, _params: unknown, chamada: JobCall) => {
      chegou.resolve(chamada);
      return new Promise<never>((_, reject) =>
        chamada.signal.addEventListener("abort", () => reject(chamada.signal.reason)),
      );
    },
    idle: async () => undefined,
  };
  const { app } = await apiFalsa({}, { JOBS_API_TOKEN: TOKEN }, { runner });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const sender = createSender();
  const desistir = new AbortController();
  const ida = sender.send(`${url}/jobs/heartbeat`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      "x-job-name": "heartbeat",
      "x-job-deadline": "2026-03-10T12:09:55.000Z",
      "x-scheduled-for": "2026-03-10T12:05:00.000Z",
      "idempotency-key": "heartbeat:2026-03-10T12:05:00.000Z",
    },
    body: "{}",
    redirect: "manual",
    signal: desistir.signal,
  });
  const falhou = expect(ida).rejects.toMatchObject({ name: "AbortError" });
  const chamada = await chegou.promise;
  expect(chamada).toMatchObject({
    deadline: new Date("2026-03-10T12:09:55Z"),
    scheduledFor: new Date("2026-03-10T12:05:00Z"),
    idempotencyKey: "heartbeat:2026-03-10T12:05:00.000Z",
  });
  const avisado = new Promise((resolve) => chamada.signal.addEventListener("abort", resolve));
  expect(chamada.signal.aborted).toBe(false);
  desistir.abort();
  await falhou;
  await avisado;
  await Promise.all([app.close(), sender.close()]);
});
