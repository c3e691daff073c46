import { expect, test } from "vitest";
import { catalogo, vigiados } from "#catalogo";
import { slotsBetween } from "#core/cron";
import { type LastRun, staleness, type WatchedJob } from "#core/executions";
import { instantOf } from "#core/runtime";
import { VIGIADOS_PUBLICADOS } from "../../../../packages/catalogo/src/testing/publicado.ts";

/** Os publicados, e do catálogo de verdade tudo o que não for igual a um deles: cada agenda é provada uma vez. */
const mesma = (a: WatchedJob, b: WatchedJob) =>
  a.name === b.name && a.cron === b.cron && a.slaS === b.slaS && a.periodS === b.periodS;
const JOBS: readonly WatchedJob[] = [
  ...VIGIADOS_PUBLICADOS,
  ...vigiados(catalogo).filter((job) => !VIGIADOS_PUBLICADOS.some((publicado) => mesma(job, publicado))),
];

const MINUTO = 60_000;
const INICIO = instantOf("2026-03-02").getTime();
const FIM = instantOf("2026-03-16").getTime();
/** De antes do começo, para que os semanais já tenham rodado. */
const ANTES = INICIO - 8 * 24 * 60 * MINUTO;

/** Repetível: o mesmo teste, os mesmos números. */
function sorteio(semente: number): () => number {
  let estado = semente >>> 0;
  return () => {
    estado = (Math.imul(estado, 1_664_525) + 1_013_904_223) >>> 0;
    return estado / 2 ** 32;
  };
}

interface Rodada {
  slot: number;
  inicio: number;
  fim: number;
}

/**
 * As execuções de um sistema são: cada horário começa em até 2 s; a maioria dura segundos, uma em vinte até quatro minutos, e o
 * horário que a encontra em andamento é pulado.
 */
function rodadas(job: WatchedJob, sortear: () => number): Rodada[] {
  const feitas: Rodada[] = [];
  for (const slot of slotsBetween(job.cron, new Date(ANTES), new Date(FIM)).map((d) => d.getTime())) {
    const inicio = slot + Math.floor(sortear() * 2000);
    if ((feitas.at(-1)?.fim ?? 0) > inicio) continue;
    const duracao = sortear() < 0.05 ? sortear() * 4 * MINUTO : sortear() * 20_000;
    feitas.push({ slot, inicio, fim: inicio + Math.floor(duracao) });
  }
  return feitas;
}

/** A última linha do registro, como estaria no instante `em`. */
function ultima({ slot, inicio, fim }: Rodada, em: number): LastRun {
  const running = em < fim;
  return {
    startedAt: new Date(inicio),
    scheduledFor: new Date(slot),
    finishedAt: running ? null : new Date(fim),
    running,
    leaseExpiresAt: running ? new Date(em + 25_000) : null,
  };
}

const atrasado = (job: WatchedJob, r: Rodada, em: number) => staleness(job, ultima(r, em), null, new Date(em)).stale;

test("provam-se os publicados e todos os do catálogo, cada um com um SLA maior do que o seu período", () => {
  expect(JOBS.length).toBeGreaterThanOrEqual(35);
  expect(vigiados(catalogo).filter((job) => !JOBS.some((provado) => mesma(job, provado)))).toEqual([]);
  expect(JOBS.filter((job) => job.slaS <= job.periodS)).toEqual([]);
});

test("duas semanas, minuto a minuto, sobre todos os jobs do catálogo: nenhum atraso falso", { timeout: 60_000 }, () => {
  let conferidos = 0;
  const falsos: string[] = [];
  for (const [i, job] of JOBS.entries()) {
    const sortear = sorteio(i + 1);
    const todas = rodadas(job, sortear);
    let k = 0;
    let parada: { k: number; linha: LastRun } | null = null;
    for (let minuto = INICIO; minuto < FIM; minuto += MINUTO) {
      const em = minuto + Math.floor(sortear() * MINUTO);
      while (todas[k + 1] !== undefined && (todas[k + 1] as Rodada).inicio <= em) k++;
      const corrente = todas[k];
      if (corrente === undefined) throw new Error(`${job.name} nunca rodou`);
      // A linha de uma execução terminada não muda mais.
      const linha: LastRun = parada?.k === k ? parada.linha : ultima(corrente, em);
      if (!linha.running) parada = { k, linha };
      if (staleness(job, linha, null, new Date(em)).stale) falsos.push(`${job.name} ${new Date(em).toISOString()}`);
      conferidos++;
    }
  }
  expect(falsos).toEqual([]);
  expect(conferidos).toBe(JOBS.length * 14 * 24 * 60);
});

test("um sistema que acabou de começar e ainda não rodou nada não parece atrasado", { timeout: 60_000 }, () => {
  const registrado = new Date(INICIO - 30_000);
  const falsos: string[] = [];
  for (const job of JOBS) {
    const primeiro = slotsBetween(job.cron, new Date(INICIO - 1), new Date(FIM))[0];
    if (primeiro === undefined) throw new Error(`${job.name} não tem horário`);
    for (let em = INICIO; em < primeiro.getTime() + 2000; em += MINUTO) {
      if (staleness(job, null, registrado, new Date(em)).stale)
        falsos.push(`${job.name} ${new Date(em).toISOString()}`);
    }
  }
  expect(falsos).toEqual([]);
});

test("toda parada é vista até 15 s depois da folga do job, e nunca antes do SLA publicado", { timeout: 60_000 }, () => {
  const errados: string[] = [];
  for (const [i, job] of JOBS.entries()) {
    const sortear = sorteio(1000 + i);
    const todas = rodadas(job, sortear);
    const horarios = slotsBetween(job.cron, new Date(ANTES), new Date(FIM + 15 * 24 * 60 * MINUTO)).map((d) =>
      d.getTime(),
    );
    for (let vez = 0; vez < 5; vez++) {
      const parou = todas[Math.floor(sortear() * todas.length)] as Rodada;
      // Sem `nextSlot`: o primeiro horário depois do fim, achado na lista.
      const faltou = horarios.find((h) => h > parou.fim) ?? Number.NaN;
      const limite = Math.max(parou.fim + job.slaS * 1000, faltou + (job.slaS - job.periodS) * 1000);
      let visto = Number.POSITIVE_INFINITY;
      for (let em = limite - 30 * MINUTO; em <= limite + MINUTO && visto === Number.POSITIVE_INFINITY; em += 15_000) {
        if (em >= parou.fim && atrasado(job, parou, em)) visto = em;
      }
      if (!(visto > limite && visto <= limite + 15_000)) {
        errados.push(`${job.name} parou ${new Date(parou.inicio).toISOString()}, visto ${visto - limite} ms depois`);
      }
    }
  }
  expect(errados).toEqual([]);
});
