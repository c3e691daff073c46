/** `npm run simular:semana -- [--semente N] [--horas 168] [--replicas 2] [--passo-ms 15000] [--json]` */
import { parseArgs } from "node:util";
import { createTestPostgres } from "#core/db-testing";
import { instantOf, systemClock } from "#core/runtime";
import { agendaCompleta } from "./simular/agenda.ts";
import { condicoes, PADRAO, POSTGRES } from "./simular/condicoes.ts";
import { resumo } from "./simular/resumo.ts";
import { simular } from "./simular/simular.ts";

const { values } = parseArgs({
  options: {
    semente: { type: "string", default: "1" },
    horas: { type: "string", default: `${PADRAO.horas}` },
    replicas: { type: "string", default: `${PADRAO.replicas}` },
    "passo-ms": { type: "string", default: `${PADRAO.stepMs}` },
    json: { type: "boolean", default: false },
  },
});
const inteiro = (nome: "semente" | "horas" | "replicas" | "passo-ms", min: number, max: number): number => {
  const n = Number(values[nome]);
  if (Number.isInteger(n) && n >= min && n <= max) return n;
  process.stderr.write(`--${nome} deve ser um inteiro de ${min} a ${max}\n`);
  process.exit(1);
};
const semente = inteiro("semente", 0, 2 ** 31 - 1);
const horas = inteiro("horas", 1, 24 * 31);
const replicas = inteiro("replicas", 1, 8);
const stepMs = inteiro("passo-ms", 100, 60_000);

const banco = await createTestPostgres(POSTGRES);
try {
  const simulandoMs = systemClock.monotonicMs();
  const resultado = await simular({
    databaseUrl: banco.databaseUrl,
    sql: banco.sql,
    entradas: agendaCompleta(),
    semente,
    // Uma segunda-feira: a semana tem os seus dois extremos, segunda às 10 h e domingo.
    inicio: instantOf("2026-03-02"),
    horas,
    replicas,
    stepMs,
    aoAndar: (h) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${h} de ${horas} h simuladas`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const rodada = { horas, replicas, stepMs };
  const { texto, aprovado, tempo } = resumo(resultado, {
    ...rodada,
    semente,
    simulacaoS: (systemClock.monotonicMs() - simulandoMs) / 1000,
    totalS: process.uptime(),
  });
  const json = () => JSON.stringify({ aprovado, tempo, condicoes: condicoes(rodada), ...resultado }, null, 1);
  process.stdout.write(values.json ? `${json()}\n` : texto);
  process.exitCode = aprovado ? 0 : 1;
} finally {
  await banco.stop();
}
