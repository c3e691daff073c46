import { describe, expect, test } from "vitest";
import { ler } from "../testing/leitura.ts";
import { horasDoTurno } from "./turnos.ts";

/** `periodo inicio-fim` de cada turno lido. */
function turnos(texto: string): string[] {
  return ler(`14/03 ${texto}`).leituras.flatMap((l) =>
    l.turnos.map((t) => `${t.periodo ?? "-"} ${t.hora_inicio ?? "?"}-${t.hora_fim ?? "?"}`),
  );
}

describe("H1: pares de horas", () => {
  test.each([
    ["19h às 7h", "noturno 19:00-07:00"],
    ["das 19h as 07h", "noturno 19:00-07:00"],
    ["19h/07h", "noturno 19:00-07:00"],
    ["7-19h", "diurno 07:00-19:00"],
    ["07:00 - 19:00", "diurno 07:00-19:00"],
    ["7h30 às 13h30", "manha 07:30-13:30"],
    ["07:30h às 13:30h", "manha 07:30-13:30"],
    ["7hs às 19hs", "diurno 07:00-19:00"],
    ["7 horas às 19 horas", "diurno 07:00-19:00"],
    ["13 as 19h", "tarde 13:00-19:00"],
    ["19 às 7", "noturno 19:00-07:00"],
    ["7-19", "diurno 07:00-19:00"],
    ["das 7 a 19", "diurno 07:00-19:00"],
    ["19h a 1h", "cinderela 19:00-01:00"],
    ["0h às 24h", "24h 00:00-00:00"],
    ["das 7 da manhã às 7 da noite", "diurno 07:00-19:00"],
    ["das 19h de sábado às 7h de domingo", "noturno 19:00-07:00"],
    ["(sáb) – 7/19", "diurno 07:00-19:00"],
    ["- 19/7", "noturno 19:00-07:00"],
  ])("%j", (texto, esperado) => {
    expect(turnos(texto)).toEqual([esperado]);
  });

  test.each(["7 a 9", "1-2", "10/20 leitos", "25h às 30h", "3-4 pacientes"])("%j não é horário", (texto) => {
    expect(turnos(texto).filter((t) => !t.endsWith("?-?"))).toEqual([]);
  });
});

test("a data no meio do horário não o separa", () => {
  const [leitura] = ler("Das 19h do dia 14/03 às 7h, pediatra, HVS").leituras;
  expect(leitura?.turnos).toMatchObject([{ periodo: "noturno", hora_inicio: "19:00", hora_fim: "07:00" }]);
  expect(leitura?.datas).toHaveLength(1);
});

test.each([
  ["início às 19h", "- 19:00-?"],
  ["a partir das 7h", "- 07:00-?"],
  ["noturno, entrada 19h", "noturno 19:00-?"],
])("H2: %j diz só o começo", (texto, esperado) => {
  expect(turnos(texto)).toEqual([esperado]);
});

test.each([
  ["12h noturno", ["noturno ?-?"]],
  ["plantão 24h", ["24h ?-?"]],
  ["24 horas", ["24h ?-?"]],
  ["12h", []],
  ["12x36 noturno", ["noturno ?-?"]],
])("H3: %j é duração", (texto, esperado) => {
  expect(turnos(texto)).toEqual(esperado);
});

test.each([
  ["7h-7h", "24h"],
  ["18h-0h", "cinderela"],
  ["20h-2h", "cinderela"],
  ["19h-3h", "noturno"],
  ["8h-18h", "diurno"],
  ["8h-16h", "diurno"],
  ["8h-12h", "manha"],
  ["11h-17h", "manha"],
  ["12h-18h", "tarde"],
  ["13h-1h", "tarde"],
  ["21h-9h", "noturno"],
  ["0h-6h", "noturno"],
])("H4: %s é %s", (horas, periodo) => {
  expect(turnos(horas)[0]?.split(" ")[0]).toBe(periodo);
});

describe("H5: palavras de período", () => {
  test.each([
    ["SD", "diurno"],
    ["s.d.", "diurno"],
    ["diurna", "diurno"],
    ["MT", "diurno"],
    ["SN", "noturno"],
    ["à noite", "noturno"],
    ["de madrugada", "noturno"],
    ["manhã", "manha"],
    ["matutino", "manha"],
    ["vespertino", "tarde"],
    ["cinderela", "cinderela"],
    ["cind", "cinderela"],
  ])("%j é %s", (texto, periodo) => {
    expect(turnos(texto)).toEqual([`${periodo} ?-?`]);
  });

  test("dois períodos são dois turnos", () => {
    expect(turnos("SD e SN")).toEqual(["diurno ?-?", "noturno ?-?"]);
    expect(turnos("manhã e tarde")).toEqual(["manha ?-?", "tarde ?-?"]);
  });

  test('"dia" sozinho, saudação e "mais tarde" não são período', () => {
    expect(turnos("o dia todo, bom dia, boa noite, mais tarde")).toEqual([]);
  });

  test("o horário manda na palavra, menos na cinderela", () => {
    expect(turnos("SN 7h às 19h")).toEqual(["diurno 07:00-19:00"]);
    expect(turnos("cinderela 18h às 22h")).toEqual(["cinderela 18:00-22:00"]);
    expect(turnos("SD 7-19h e SN 19-7h")).toEqual(["diurno 07:00-19:00", "noturno 19:00-07:00"]);
  });
});

test.each([
  [{ hora_inicio: "07:30", hora_fim: "13:30" }, 6],
  [{ hora_inicio: "19:00", hora_fim: "07:00" }, 12],
  [{ hora_inicio: "07:00", hora_fim: "07:00" }, 24],
  [{ duracaoH: 6, periodo: "noturno" as const }, 6],
  [{ periodo: "tarde" as const }, 6],
  [{ periodo: "diurno" as const }, 12],
  [{}, null],
])("horas de %j", (turno, horas) => {
  expect(horasDoTurno({ periodo: null, hora_inicio: null, hora_fim: null, duracaoH: null, ...turno })).toBe(horas);
});
