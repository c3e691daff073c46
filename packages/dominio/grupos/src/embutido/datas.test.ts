import { describe, expect, test } from "vitest";
import { ler, resumos } from "../testing/leitura.ts";
import { resolverData } from "./calendario.ts";

/** As datas de uma mensagem, `dd/mm`, na ordem; o ano só aparece quando não é 2026. */
function datas(texto: string, r?: string): string[] {
  return ler(texto, r ? { r } : {}).leituras.flatMap((l) =>
    l.datas.map(({ data }) => `${data.slice(8)}/${data.slice(5, 7)}${data.startsWith("2026") ? "" : data.slice(0, 4)}`),
  );
}
const confiancas = (texto: string) => ler(texto).leituras.flatMap((l) => l.datas.map((d) => d.confianca));

describe("D1 e D2: dia e mês", () => {
  test.each([
    ["14/03", ["14/03"]],
    ["14/3", ["14/03"]],
    ["14/03/26", ["14/03"]],
    ["14/03/2026", ["14/03"]],
    ["14.03 SN", ["14/03"]],
    ["14-03-2026", ["14/03"]],
    ["4 de abril", ["04/04"]],
    ["26/mar", ["26/03"]],
    ["5 abr", ["05/04"]],
    ["1º de abril", ["01/04"]],
    ["15 de março de 2026", ["15/03"]],
  ])("%j", (texto, esperado) => {
    expect(datas(`${texto} SN HVS`)).toEqual(esperado);
    expect(confiancas(`${texto} SN HVS`)).toEqual(esperado.map(() => 1));
  });

  test.each(["plantão 24/7", "19/07h", "7/1h", "R$ 1.300", "v2.10", "45/13", "tel 3333-2026"])(
    "%j não é data",
    (texto) => {
      expect(datas(texto)).toEqual([]);
    },
  );

  test("31/02 não existe", () => {
    expect(datas("HVS 31/02 SN")).toEqual([]);
  });
});

describe("D3: dia sem mês e listas", () => {
  test.each([
    ["dia 15", ["15/03"]],
    ["dia 9", ["09/04"]],
    ["dia 10", ["10/03"]],
    ["dias 20, 21 e 22", ["20/03", "21/03", "22/03"]],
    ["Dias: 14, 15 e 16", ["14/03", "15/03", "16/03"]],
    ["12, 14 e 19/03", ["12/03", "14/03", "19/03"]],
    ["05,06,07/04", ["05/04", "06/04", "07/04"]],
    ["05,06 e 07/04", ["05/04", "06/04", "07/04"]],
    ["14/03 e 15", ["14/03", "15/03"]],
    ["13, 14 e 15 de março", ["13/03", "14/03", "15/03"]],
    ["sábado 21", ["21/03"]],
    ["sáb 14 e dom 15", ["14/03", "15/03"]],
    ["14 (sáb)", ["14/03"]],
  ])("%j", (texto, esperado) => {
    expect(datas(`HVS ${texto} SN`)).toEqual(esperado);
  });

  test("o mês dito uma vez dá confiança inteira; dia sem mês, 0,9", () => {
    expect(confiancas("HVS dia 15 SN")).toEqual([0.9]);
    expect(confiancas("HVS dias 12 e 14/03 SN")).toEqual([1, 1]);
  });

  test.each([
    ["28/03, 2 mil", ["28/03"]],
    ["28/03, 2 vagas", ["28/03"]],
    ["28/03 e 30 reais de almoço", ["28/03"]],
    ["das 7 às 19, 14/03", ["14/03"]],
    ["domingo 7 às 19", ["15/03"]],
    ["domingo 20", ["15/03"]],
  ])("em %j o número não entra na lista", (texto, esperado) => {
    expect(datas(`HVS ${texto}`)).toEqual(esperado);
  });
});

describe("D4: o ano que falta", () => {
  test.each([
    ["07/03", "2026-03-10", "2026-03-07"],
    ["05/01", "2025-12-28", "2026-01-05"],
    ["28/12", "2026-01-03", "2025-12-28"],
    ["10/09", "2026-03-10", "2026-09-10"],
    ["29/02", "2027-12-20", "2028-02-29"],
  ])("%s visto em %s é %s", (texto, r, esperado) => {
    const [dia, mes] = texto.split("/").map(Number);
    expect(resolverData(dia ?? 0, mes ?? 0, null, r)).toBe(esperado);
  });

  test("com o ano escrito não há o que escolher", () => {
    expect(resolverData(7, 3, 27, "2026-03-10")).toBe("2027-03-07");
  });
});

describe("D5: intervalos", () => {
  const semana = ["16/03", "17/03", "18/03", "19/03", "20/03"];
  test.each([
    ["16 a 20/03", semana],
    ["de 16 a 20/03", semana],
    ["16/03 a 20/03", semana],
    ["16/03 até 20/03", semana],
    ["dias 16 a 20", semana],
    ["do dia 16 ao dia 20/03", semana],
    ["seg 16 a sex 20/03", semana],
    ["de segunda (16/03) a sexta (20/03)", semana],
    ["16/03 (seg) até 20/03 (sex)", semana],
    ["30/03 até 01/04", ["30/03", "31/03", "01/04"]],
  ])("%j", (texto, esperado) => {
    expect(datas(`HVS ${texto} SN`)).toEqual(esperado);
  });

  test("mais de 31 dias não é um intervalo de plantões", () => {
    expect(datas("HVS 01/04 a 10/05 SN")).toEqual(["01/04", "10/05"]);
  });
});

describe("D6: datas relativas", () => {
  test.each([
    ["hoje", ["10/03"]],
    ["hj", ["10/03"]],
    ["essa noite", ["10/03"]],
    ["amanhã", ["11/03"]],
    ["amnha", ["11/03"]],
    ["depois de amanhã", ["12/03"]],
    ["amanhã e depois de amanhã", ["11/03", "12/03"]],
  ])("%j", (texto, esperado) => {
    expect(datas(`HVS ${texto} SN`)).toEqual(esperado);
  });

  test('"de manhã" não é amanhã', () => {
    expect(datas("HVS 14/03 de manhã")).toEqual(["14/03"]);
  });

  test('"atualizado hoje" não data nada', () => {
    expect(datas("Escala atualizada hoje\n14/03 SN HVS")).toEqual(["14/03"]);
  });
});

describe("D7 e D9: dia da semana", () => {
  test.each([
    ["sábado SN", ["14/03"]],
    ["terça SN", ["17/03"]],
    ["segunda e quarta SN", ["16/03", "11/03"]],
    ["toda quarta SN", ["11/03"]],
  ])("%j é o próximo depois de R", (texto, esperado) => {
    expect(datas(`HVS ${texto}`)).toEqual(esperado);
  });

  test("só vale quando a mensagem não tem outra data", () => {
    expect(datas("HVS 16/03 SN\nsábado 1.500")).toEqual(["16/03"]);
  });

  test.each(["de segunda a sexta", "seg a sex", "sexta até domingo"])("%j não é data", (texto) => {
    expect(datas(`Vaga HVS ${texto}`)).toEqual([]);
  });

  test('"sábado 1.500, domingo 1.600" é uma tabela de preços', () => {
    expect(datas("HVS\nsábado 1.500, domingo 1.600")).toEqual([]);
  });

  test('"toda quarta" e "plantão fixo" marcam a vaga como recorrente', () => {
    expect(ler("HVS toda quarta SN").recorrente).toBe(true);
    expect(ler("Plantão fixo HVS 14/03 SN").recorrente).toBe(true);
    expect(ler("HVS quarta SN").recorrente).toBe(false);
  });
});

test("D8: o dia da semana que não é o da data perde para ela", () => {
  const [leitura] = ler("HVS domingo 14/03 SN").leituras;
  expect(leitura?.divergente).toBe(true);
  expect(leitura?.datas).toEqual([{ data: "2026-03-14", confianca: 0.6 }]);
  expect(ler("HVS sábado 14/03 SN").leituras[0]?.divergente).toBe(false);
});

test("D10: exceto domingo", () => {
  expect(datas("HVS de 13 a 16/03 SN exceto domingo")).toEqual(["13/03", "14/03", "16/03"]);
  expect(datas("HVS de 13 a 16/03 SN, menos sábado e domingo")).toEqual(["13/03", "16/03"]);
});

test.each(["pagamento dia 10/04", "pgto em 15/04", "inscrições até 20/03", "confirmar até dia 12/03", "recebe dia 5"])(
  "a data de %j não é de plantão",
  (prazo) => {
    expect(datas(`HVS 14/03 SN, ${prazo}`)).toEqual(["14/03"]);
  },
);

test.each(["Rua 15 de Novembro, 300", "Av. Brasil, 1403", "Hospital 7 de Setembro", "UPA 26 de Agosto"])(
  "%j não é data",
  (nome) => {
    expect(datas(`14/03 SN CM - ${nome}`)).toEqual(["14/03"]);
  },
);

describe("S3 e S4: várias datas numa linha", () => {
  test.each([
    [
      "dia 15 diurno e dia 18 noturno na UPA Jardim Aurora, pediatria, 1.300 cada",
      ["15/03 diurno - 1300 Pediatria @ UPA Jardim Aurora", "18/03 noturno - 1300 Pediatria @ UPA Jardim Aurora"],
    ],
    [
      "HVS CM sábado diurno e domingo noturno 1.500",
      ["14/03 diurno - 1500 Clínica Médica @ HVS", "15/03 noturno - 1500 Clínica Médica @ HVS"],
    ],
    [
      "CM SN 13/03 (R$ 1.300), 14/03 (R$ 1.500) - HVS",
      ["13/03 noturno - 1300 Clínica Médica @ HVS", "14/03 noturno - 1500 Clínica Médica @ HVS"],
    ],
    [
      "HVS: CM SN 14/03 e pediatra SD 15/03",
      ["14/03 noturno - - Clínica Médica @ HVS", "15/03 diurno - - Pediatria @ HVS"],
    ],
    [
      "HVS CM seg a sex 1.200, sáb e dom 1.400. 16/03 SD, 21/03 SD",
      ["16/03 diurno - 1200 Clínica Médica @ HVS", "21/03 diurno - 1400 Clínica Médica @ HVS"],
    ],
  ])("%j", (texto, esperado) => {
    expect(resumos(texto)).toEqual(esperado);
  });
});
