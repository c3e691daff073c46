import { RESERVA_MS } from "./replica.ts";

/** O que se escolhe de uma simulação, além da semente. */
export interface Rodada {
  horas: number;
  replicas: number;
  stepMs: number;
}

/** A simulação que se promete: uma semana com os valores que o comando usa quando ninguém diz outros. */
export const PADRAO: Rodada = { horas: 168, replicas: 2, stepMs: 15_000 };

/** Do Postgres da simulação, por cima do que os bancos de teste já dispensam (fsync, full_page_writes). */
export const POSTGRES = { synchronous_commit: "off", jit: "off" };

const segundos = (ms: number) => `${ms / 1000} s`;

/**
 * Em que a simulação difere da produção, para que se saiba o que foi simulado: o que é, como foi simulado, como é em produção (os
 * padrões de `createScheduler` e `createLedger`, que `apps/scheduler` não muda).
 */
export function condicoes({ replicas, stepMs }: Rodada): [nome: string, aqui: string, producao: string][] {
  const postgres = Object.entries(POSTGRES).map(([nome, valor]) => `${nome} ${valor}`);
  return [
    ["réplicas do scheduler", `${replicas}, num só processo e num relógio virtual`, "qualquer número, cada uma o seu"],
    ["olha o relógio", `a cada ${segundos(stepMs)} e em cada minuto`, "a cada 0.5 s e em cada segundo"],
    ["reserva de uma execução", segundos(RESERVA_MS), "30 s"],
    ["sinal de vida", segundos(RESERVA_MS / 3), "10 s"],
    [
      "idas ao banco",
      `juntas, até ${segundos(RESERVA_MS / 3)} de espera, sem PostgREST`,
      "uma por chamada, por PostgREST",
    ],
    ["Postgres", `${postgres.join(", ")}, fsync off, full_page_writes off`, "tudo ligado"],
    ["chamadas ao banco", "de mil, duas se perdem; fora isso 1 a 40 ms", "como a rede for"],
    ["API", "dublê: uma resposta em dez falha, demora ou não vem", "a verdadeira"],
    ["agenda", "as 35 do requisito, com as políticas de produção", "o catálogo"],
  ];
}
