import type { Grupo } from "../comando.ts";
import { audit } from "./audit.ts";
import { explain } from "./explain.ts";
import { history } from "./history.ts";
import { log } from "./log.ts";
import { ls } from "./ls.ts";
import { next } from "./next.ts";
import { pause, resume } from "./pause.ts";
import { run } from "./run.ts";
import { simulate } from "./simulate.ts";

/** `julia jobs …` */
export const jobs: Grupo = {
  nome: "jobs",
  resumo: "Os jobs agendados: ver, rodar, pausar, conferir, explicar",
  comandos: [ls, run, next, history, pause, resume, audit, explain, simulate, log],
};
