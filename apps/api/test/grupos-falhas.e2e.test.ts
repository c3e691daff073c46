import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, createTestStack, type Sql } from "#core/db-testing";
import { systemClock } from "#core/runtime";
import { abertos, ingerirCarga, resultado } from "./carga.ts";
import { iniciar, iniciarApi, matarSobras, pedir } from "./processo.ts";

const MENSAGENS = 2000;
/** O tempo encolhido: reservas de um segundo, repetição imediata; a semântica é a mesma. */
const ENCOLHIDO = {
  GRUPOS_LEASE_SEGUNDOS: "1",
  JOB_LOCK_LEASE_MS: "600",
  RETRY_DELAYS_MIN: "0",
  GRUPOS_MAX_TENTATIVAS: "20",
  LOG_LEVEL: "info",
};
const JOB = "/jobs/processar-grupos?batch_size=200&max_workers=20";
const agora = systemClock.now();

afterAll(matarSobras);

/** De um computador carregado, não do produto. */
const PRAZO_MS = 300_000;

/** O resultado de um processamento sem falhas, com que os outros se comparam. */
let esperado: Record<string, unknown>;
beforeAll(async () => {
  const t = await createTestDatabase({ seed: true });
  const api = await iniciarApi(t, ENCOLHIDO);
  await ingerirCarga(api.url, MENSAGENS, agora);
  await drenar(api.url, t.sql);
  esperado = await resultado(t.sql);
  expect(await api.encerrar()).toBe(0);
  await t.drop();
}, 2 * PRAZO_MS);

async function drenar(url: string, sql: Sql): Promise<void> {
  // Em tempo, não em voltas: quem encontra a trava de outro dá muitas sem que nada esteja errado.
  const prazo = systemClock.monotonicMs() + PRAZO_MS;
  while ((await abertos(sql)) > 0) {
    if (systemClock.monotonicMs() > prazo) throw new Error(`ainda há ${await abertos(sql)} itens abertos`);
    const r = await pedir(`${url}${JOB}`, { method: "POST" });
    if (r?.status === 409 || r === null) await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Chama o job até que seja apanhado com itens reservados, de novo a cada vez que responde: um ciclo pode terminar entre dois olhares, ou
 * ser recusado enquanto o banco volta. Quantos estavam reservados (0: nada mais há a processar, ou o prazo acabou) e a chamada em curso.
 */
async function apanharNoMeio(
  url: string,
  sql: Sql,
  prazoMs: number,
): Promise<{ reservados: number; chamada: Promise<unknown> }> {
  const prazo = systemClock.monotonicMs() + prazoMs;
  let chamada: Promise<unknown> = Promise.resolve();
  let emCurso = false;
  while (systemClock.monotonicMs() < prazo) {
    if (!emCurso) {
      emCurso = true;
      chamada = pedir(url, { method: "POST" }).finally(() => {
        emCurso = false;
      });
    }
    const [r] = await sql<{ reservados: number; abertos: number }>(
      `select count(*) filter (where lease_token is not null and lease_ate > now())::int as reservados,
              count(*) filter (where estagio not in ('finalizado', 'descartado', 'erro'))::int as abertos
         from fila_processamento_grupos`,
    );
    if (r === undefined || r.reservados > 0 || r.abertos === 0) return { reservados: r?.reservados ?? 0, chamada };
    await new Promise((resolve) => setTimeout(resolve, 3)); // sem tomar da API o processador
  }
  return { reservados: 0, chamada };
}

function conferir(obtido: Record<string, unknown>): void {
  expect(obtido).toEqual(esperado);
}

describe("kill -9 da API no meio do lote", () => {
  test(
    "vinte vezes sobre duas mil mensagens: cada uma termina uma vez, nada se perde nem se duplica",
    async () => {
      const t = await createTestDatabase({ seed: true });
      let api = await iniciarApi(t, ENCOLHIDO);
      await ingerirCarga(api.url, MENSAGENS, agora);
      let emVoo = 0;
      for (let k = 0; k < 20; k++) {
        const { reservados, chamada } = await apanharNoMeio(
          `${api.url}/jobs/processar-grupos?batch_size=60`,
          t.sql,
          10_000,
        );
        await api.matar();
        await chamada;
        if (reservados > 0) emVoo++;
        api = await iniciarApi(t, ENCOLHIDO);
      }
      expect(emVoo).toBeGreaterThanOrEqual(10);
      await drenar(api.url, t.sql);
      conferir(await resultado(t.sql));
      const [r] = await t.sql<{ n: number }>(
        "select count(*)::int as n from fila_processamento_grupos where leases_expirados > 0",
      );
      expect(r?.n).toBeGreaterThan(0);
      expect(await api.encerrar()).toBe(0);
      await t.drop();
    },
    3 * PRAZO_MS,
  );
});

describe("Postgres reiniciado no meio do lote", () => {
  test(
    "a API atravessa a queda e o resultado é o mesmo",
    async () => {
      const s = await createTestStack({ seed: true, durable: true });
      const api = await iniciarApi(s, { ...ENCOLHIDO, CIRCUIT_SUPABASE_RESET_S: "1" });
      await ingerirCarga(api.url, MENSAGENS, agora);
      for (const modo of ["immediate", "fast"] as const) {
        const { reservados, chamada } = await apanharNoMeio(`${api.url}${JOB}`, s.sql, 60_000);
        expect(reservados).toBeGreaterThan(0);
        await s.restartPostgres(modo);
        await chamada;
      }
      await drenar(api.url, s.sql);
      conferir(await resultado(s.sql));
      expect(await api.encerrar()).toBe(0);
      await s.stop();
    },
    3 * PRAZO_MS,
  );
});

describe("dois processos e uma fila", () => {
  test(
    "duas APIs: a trava do job deixa uma por vez, e o resultado é o mesmo",
    async () => {
      const t = await createTestDatabase({ seed: true });
      const [a, b] = await Promise.all([iniciarApi(t, ENCOLHIDO), iniciarApi(t, ENCOLHIDO)]);
      await ingerirCarga(a.url, MENSAGENS, agora);
      await Promise.all([drenar(a.url, t.sql), drenar(b.url, t.sql)]);
      conferir(await resultado(t.sql));
      await Promise.all([a.encerrar(), b.encerrar()]);
      await t.drop();
    },
    2 * PRAZO_MS,
  );

  test(
    "dois workers dividem a fila e nenhum estágio de nenhum item é executado duas vezes",
    async () => {
      const t = await createTestDatabase({ seed: true });
      const api = await iniciarApi(t, ENCOLHIDO);
      await ingerirCarga(api.url, MENSAGENS, agora);
      await api.encerrar();
      const env = {
        SUPABASE_URL: t.url,
        SUPABASE_SERVICE_KEY: t.serviceKey,
        GRUPOS_BATCH_SIZE: "50",
        LOG_LEVEL: "info",
      };
      const workers = await Promise.all([1, 2].map(() => iniciar({ modo: "worker", pronto: "RUN_MODE=worker", env })));
      await expect.poll(() => abertos(t.sql), { timeout: PRAZO_MS, interval: 100 }).toBe(0);
      const codigos = await Promise.all(workers.map((w) => w.encerrar()));
      expect(codigos).toEqual([0, 0]);
      conferir(await resultado(t.sql));
      const processados = workers.map((w) =>
        w.linhas
          .filter((l) => l.includes('"ciclo de grupos"'))
          .map((l) => (JSON.parse(l) as { items_processed: number }).items_processed)
          .reduce((soma, n) => soma + n, 0),
      );
      expect(Math.min(...processados)).toBeGreaterThan(0);
      // Cada execução de estágio contada uma vez: a soma é a das transições que o resultado pede.
      expect(processados.reduce((soma, n) => soma + n, 0)).toBe(await transicoes(t.sql));
      await t.drop();
    },
    2 * PRAZO_MS,
  );
});

/** Quantas execuções de estágio o resultado representa. */
async function transicoes(sql: Sql): Promise<number> {
  const [r] = await sql<{ n: number }>(
    `select (select sum(case ultimo_estagio when 'extracao' then (case when m.classificador is null then 2 else 3 end)
                                            when 'classificacao' then 2 else 1 end)
               from fila_processamento_grupos f join mensagens_grupo m on m.id = f.mensagem_id where f.vaga_grupo_id is null)::int
          + (select coalesce(sum(case ultimo_estagio when 'importacao' then 3 when 'deduplicacao' then 2 else 1 end), 0)
               from fila_processamento_grupos where vaga_grupo_id is not null)::int as n`,
  );
  return r?.n ?? 0;
}
