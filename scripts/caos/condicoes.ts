import { AGENDA } from "./agenda.ts";

/** Em que os ensaios diferem da produção: o que é, como é neles, como é em produção. */
export function condicoes(): [nome: string, aqui: string, producao: string][] {
  const agenda = AGENDA.map((a) => `${a.name} (${a.cron}, tolerância ${a.graceS} s)`).join(", ");
  return [
    ["relógio", "mais rápido (×, em cada título), o mesmo em todos os processos e no SQL", "o do sistema"],
    ["reserva e sinal de vida", "30 s e 10 s desse relógio: a ×30, 1 s e 0,33 s de verdade", "30 s e 10 s"],
    ["passo do scheduler", "0,5 s desse relógio", "0,5 s"],
    ["prazos de rede dentro das bibliotecas", "de verdade, sem escala", "os mesmos"],
    ["Postgres", "um, local, fsync off, full_page_writes off; PostgREST de verdade", "durável"],
    ["agenda", agenda, "o catálogo"],
    ["agenda de réplicas e de tomadas", "dez de um segundo; um job de 20 s a cada 12 s", "o catálogo"],
    [
      "API",
      "o executor de jobs de produção, com jobs que só esperam; em réplicas, só conta o que chega",
      "a verdadeira",
    ],
  ];
}
