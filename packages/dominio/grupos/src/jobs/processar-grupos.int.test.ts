import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import type { JobProgress } from "#core/job";
import { fixedClock, silentLogger } from "#core/runtime";
import { configGruposPadrao } from "../config.ts";
import { criarGrupos } from "../grupos.ts";
import { umaMensagem } from "../testing/fabrica.ts";
import { processarGrupos } from "./processar-grupos.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase({ seed: true });
});
afterAll(() => t.drop());

const AGORA = "2026-03-10T12:06:00Z";
const signal = new AbortController().signal;

test("uma execução à mão diz até onde chegou, e a última palavra é o total; uma agendada não pergunta quanto há", async () => {
  await umaMensagem(t, { texto: "Plantão CM Hospital Vila Serena\n14/03 SD R$ 1.300\n15/03 SN R$ 1.500" });
  await umaMensagem(t, { texto: "bom dia a todos do grupo" });
  const c = fixedClock(AGORA);
  const base = { config: configGruposPadrao({}), instancia: "teste", db: t.db, clock: c, log: silentLogger };
  const palavras: JobProgress[] = [];
  const contexto = {
    ...{ db: t.db, clock: c, log: silentLogger, signal, grupos: criarGrupos({ ...base, llm: null, places: null }) },
    progress: (p: JobProgress) => palavras.push(p),
  };
  await processarGrupos.run({ batch_size: 200, max_workers: 20 }, { ...contexto, scheduledFor: null });
  expect(palavras.at(-1)).toEqual({ done: 4, total: 4, text: "2 vagas" });
  palavras.length = 0;
  await umaMensagem(t, { texto: "boa tarde a todos do grupo" });
  await processarGrupos.run({ batch_size: 200, max_workers: 20 }, { ...contexto, scheduledFor: new Date(AGORA) });
  expect(palavras.at(-1)).toMatchObject({ done: 1, total: null });
});
