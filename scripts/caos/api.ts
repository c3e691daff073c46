/** A API dos ensaios, num processo seu: o executor de jobs verdadeiro (#core/job), no relógio do teste, com jobs que só esperam. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { createDb } from "#core/db";
import { createJobLocks, createScaledTime, parseTestClock, pause } from "#core/executions";
import { createJobRunner, defineJob, type JobContext, jobResult } from "#core/job";
import { createLogger, loadConfig } from "#core/runtime";

const LEASE_MS = 30_000;

const config = loadConfig(
  z.object({
    SUPABASE_URL: z.url(),
    SUPABASE_SERVICE_KEY: z.string(),
    PORT: z.coerce.number().int().default(0).describe("0: uma porta livre"),
    CAOS_RELOGIO: z.string().describe("o mesmo SCHEDULER_TEST_CLOCK do scheduler"),
    CAOS_DURACOES: z.string().default("{}").describe("JSON: job → ms do relógio do teste"),
    CAOS_ATE_O_FIM: z.stringbool().default(false).describe("os corpos não param quando quem chamou vai embora"),
  }),
  process.env,
);
const relogio = parseTestClock(config.CAOS_RELOGIO);
if (relogio === undefined) throw new Error("CAOS_RELOGIO não se entende");
const { clock, timers } = createScaledTime(relogio);
const duracoes = z.record(z.string(), z.number()).parse(JSON.parse(config.CAOS_DURACOES));
const db = createDb({ url: config.SUPABASE_URL, key: config.SUPABASE_SERVICE_KEY });
const instanceId = `api-${randomUUID().slice(0, 8)}`;
const runner = createJobRunner({
  db,
  clock,
  timers,
  log: createLogger({ level: "error" }),
  instanceId,
  shutdown: new AbortController().signal,
  leaseMs: LEASE_MS,
  locks: createJobLocks({ db, instanceId, leaseMs: LEASE_MS, clock }),
});

const cabecalho = (req: IncomingMessage, nome: string) => {
  const valor = req.headers[nome];
  return typeof valor === "string" ? valor : null;
};
const data = (texto: string | null) => (texto === null ? null : new Date(texto));

const servidor = createServer((req, res) => {
  const nome = cabecalho(req, "x-job-name") ?? "sem_nome";
  const chave = cabecalho(req, "idempotency-key");
  const job = defineJob({ name: nome, params: z.object({}), result: jobResult({}) }).run(
    async (_params, { signal }: JobContext) => {
      // A linha que o ensaio conta: o corpo do job começou.
      process.stdout.write(`CORRIDA ${chave} ${clock.now().toISOString()}\n`);
      await pause(timers, duracoes[nome] ?? 0, config.CAOS_ATE_O_FIM ? undefined : signal);
      return { status: "ok", processados: 1 };
    },
  );
  const saiu = new AbortController();
  res.once("close", () => saiu.abort());
  const chamada = {
    executionId: cabecalho(req, "x-job-execution-id"),
    scheduledFor: data(cabecalho(req, "x-scheduled-for")),
    idempotencyKey: chave,
    deadline: data(cabecalho(req, "x-job-deadline")),
    signal: saiu.signal,
  };
  req.resume();
  void runner
    .run(job, {}, chamada, (base) => base)
    .then(({ httpStatus, body }) => {
      res.writeHead(httpStatus, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
});
servidor.listen(config.PORT, "127.0.0.1", () => {
  process.stdout.write(`ESCUTANDO ${(servidor.address() as AddressInfo).port}\n`);
});
