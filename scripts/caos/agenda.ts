import type { Agenda } from "./cena.ts";

const minuto = (name: string): Agenda => ({ name, cron: "* * * * *", periodS: 60, graceS: 0 });

/** Três de um minuto, um deles demorado, e um que se recupera. */
export const AGENDA: readonly Agenda[] = [
  minuto("pulso"),
  minuto("mensagens"),
  minuto("demorado"),
  { name: "cinco", cron: "*/5 * * * *", periodS: 300, graceS: 1800 },
];

/** Um trabalho que ainda corre quando algo acontece, e termina dentro do seu minuto (ms do relógio do teste). */
export const DURACOES = { demorado: 40_000 };

/** Dez de um segundo. */
export const DE_UM_SEGUNDO: readonly Agenda[] = Array.from({ length: 10 }, (_, n) => ({
  ...minuto(`segundo_${n}`),
  periodS: 1,
  graceS: 10,
  everyS: 1,
}));
