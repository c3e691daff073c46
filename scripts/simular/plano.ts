import { type Sorteio, sorteio } from "./sorteio.ts";

/** O que dá errado, e quando (ms desde o início). */
export type Perturbacao = { emMs: number } & (
  | { tipo: "morte"; lugar: number; voltaMs: number }
  | { tipo: "morte de todos"; voltaMs: number }
  | { tipo: "troca de versão"; lugar: number }
  | { tipo: "congelamento"; lugar: number; duraMs: number }
  | { tipo: "congelamento de todos"; duraMs: number }
  | { tipo: "relógio de uma réplica"; lugar: number; saltoMs: number; duraMs: number }
  | { tipo: "relógio de tudo"; saltoMs: number }
  | { tipo: "banco fora"; duraMs: number; mudo: boolean }
  | { tipo: "API fora"; duraMs: number }
  | { tipo: "execução manual"; duraMs: number; qual: number }
);

const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;

type Gerador = (s: Sorteio, emMs: number, replicas: number) => Perturbacao;

/** Quantas por semana, e como cada uma se sorteia. */
const POR_SEMANA: readonly [vezes: number, Gerador][] = [
  [70, (s, emMs, n) => ({ tipo: "morte", emMs, lugar: s.inteiro(0, n - 1), voltaMs: s.entre(5 * S, 10 * MIN) })],
  [10, (s, emMs) => ({ tipo: "morte de todos", emMs, voltaMs: s.entre(5 * S, 25 * MIN) })],
  [28, (s, emMs, n) => ({ tipo: "troca de versão", emMs, lugar: s.inteiro(0, n - 1) })],
  [30, (s, emMs, n) => ({ tipo: "congelamento", emMs, lugar: s.inteiro(0, n - 1), duraMs: s.entre(20 * S, 5 * MIN) })],
  [5, (s, emMs) => ({ tipo: "congelamento de todos", emMs, duraMs: s.entre(30 * S, 6 * MIN) })],
  [
    28,
    (s, emMs, n) => ({
      tipo: "relógio de uma réplica",
      emMs,
      lugar: s.inteiro(0, n - 1),
      saltoMs: salto(s),
      duraMs: s.entre(MIN, 30 * MIN),
    }),
  ],
  [5, (s, emMs) => ({ tipo: "relógio de tudo", emMs, saltoMs: (s.chance(0.5) ? 1 : -1) * s.entre(2 * S, 10 * MIN) })],
  [30, (s, emMs) => ({ tipo: "banco fora", emMs, duraMs: s.entre(S, 4 * MIN), mudo: s.chance(0.5) })],
  [20, (s, emMs) => ({ tipo: "API fora", emMs, duraMs: s.entre(10 * S, 10 * MIN) })],
  [60, (s, emMs) => ({ tipo: "execução manual", emMs, duraMs: s.entre(S, 200 * S), qual: s.inteiro(0, 999) })],
];

/** Quedas que passam da tolerância de um job de hora, e da de um diário; só em simulações de mais de dois dias. */
const LONGAS_MS = [3 * H, 9 * H];
const SEMANA_MS = 7 * 24 * H;

/** ±2 s, ±45 s, ±10 min, ±3 h: abaixo e acima do que o scheduler tolera. */
function salto(s: Sorteio): number {
  const tamanho = [2 * S, 45 * S, 10 * MIN, 3 * H][s.inteiro(0, 3)] ?? 0;
  return s.chance(0.5) ? tamanho : -tamanho;
}

/** As perturbações de uma simulação, em ordem; de cada tipo ao menos uma. */
export function planejar(semente: number, duracaoMs: number, replicas: number): Perturbacao[] {
  const s = sorteio(semente);
  const plano: Perturbacao[] = [];
  for (const [vezes, gerar] of POR_SEMANA) {
    const n = Math.max(1, Math.round((vezes * duracaoMs) / SEMANA_MS));
    for (let i = 0; i < n; i++) plano.push(gerar(s, instante(s, duracaoMs), replicas));
  }
  if (duracaoMs > 48 * H) {
    for (const voltaMs of LONGAS_MS)
      plano.push({ tipo: "morte de todos", emMs: instante(s, duracaoMs - voltaMs), voltaMs });
  }
  return plano.sort((a, b) => a.emMs - b.emMs);
}

/** Metade em qualquer momento, metade junto de um minuto inteiro: entre a reivindicação e o envio, ou no último segundo. */
function instante(s: Sorteio, ateMs: number): number {
  const emMs = s.entre(0, ateMs);
  if (s.chance(0.5)) return emMs;
  return Math.max(0, Math.floor(emMs / MIN) * MIN + s.entre(-S, 60));
}
