import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import type { Medida } from "./cena.ts";
import { morteDoUnico } from "./mortes.ts";
import { zumbi, zumbiRetomado } from "./zumbis.ts";

/** Processos começam devagar num computador carregado; nenhum prazo daqui mede desempenho. */
const PRAZO_MS = 480_000;
let bancos: TestDatabase[] = [];
beforeAll(async () => {
  bancos = await Promise.all([1, 2, 3].map(() => createTestDatabase({ restPoolSize: 5 })));
});
afterAll(() => Promise.all(bancos.map((b) => b.drop())));

/** O que vale em qualquer computador: nada perdido, nada duas vezes, nada por cima. */
const quebradas = (medidas: readonly Medida[]) =>
  medidas.filter((m) => m.essencial && !m.cumprida).map((m) => `${m.promessa}: ${m.medido}`);

describe.concurrent("npm run caos, em forma curta", () => {
  test(
    "kill -9 do único scheduler no segundo 59: ao voltar, cada horário, os da queda também, está registrado uma vez",
    async () => {
      const medidas = await morteDoUnico({ banco: bancos[0] as TestDatabase, escala: 30, minutosFora: 2 });
      expect(quebradas(medidas)).toEqual([]);
      expect(medidas.length).toBeGreaterThan(4);
    },
    PRAZO_MS,
  );

  test(
    "SIGSTOP no meio de uma execução: outra réplica assume, e o zumbi acordado não muda linha com desfecho",
    async () => {
      // As reservas são de 30 s do relógio do teste: neste passo, dois segundos e meio em que um processo são pode não ser atendido.
      const medidas = await zumbi({ banco: bancos[1] as TestDatabase, escala: 12 });
      expect(quebradas(medidas)).toEqual([]);
      expect(medidas.length).toBeGreaterThan(4);
    },
    PRAZO_MS,
  );

  test(
    "SIGSTOP antes do envio: outra réplica retoma a linha, e o fim que o zumbi acordado escreve é recusado",
    async () => {
      const medidas = await zumbiRetomado({ banco: bancos[2] as TestDatabase, escala: 20 });
      expect(quebradas(medidas)).toEqual([]);
      expect(medidas.length).toBeGreaterThan(4);
    },
    PRAZO_MS,
  );
});
