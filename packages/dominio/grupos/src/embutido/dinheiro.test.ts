import { describe, expect, test } from "vitest";
import { extrair, ler, resumos } from "../testing/leitura.ts";

/** O preço da única vaga de um plantão diurno de 12 h em 14/03: `1500`, `1400~1800`, `-`. */
function preco(texto: string): string {
  const [v, outra] = extrair(`HVS CM 14/03 SD ${texto}`).vagas;
  if (!v || outra) throw new Error("esperava uma vaga");
  if (v.valor_tipo === "faixa") return `${v.valor_minimo ?? ""}~${v.valor_maximo ?? ""}`;
  return v.valor === null ? "-" : String(v.valor);
}

describe("formas de dizer um valor", () => {
  test.each([
    ["R$ 1.500,00", "1500"],
    ["R$ 3,200", "3200"],
    ["R$1500", "1500"],
    ["$ 1.400", "1400"],
    ["RS 1300", "1300"],
    ["R$ 1 500", "1500"],
    ["R$ 2 mil", "2000"],
    ["R$1,4k", "1400"],
    ["800 reais", "800"],
    ["900 conto", "900"],
    ["2k", "2000"],
    ["1,8k", "1800"],
    ["2 mil", "2000"],
    ["14k", "14000"],
    ["1k2", "1200"],
    ["2k5", "2500"],
    ["1k250", "1250"],
    ["2 mil e quinhentos", "2500"],
    ["1.300", "1300"],
    ["1.200,00", "1200"],
    ["900,00", "900"],
    ["pago 1500", "1500"],
    ["valor: 1350", "1350"],
    ["💰1350", "1350"],
    ["1500 PJ", "1500"],
    ["1500 no pix", "1500"],
    ["1350 cada", "1350"],
    ["mil e quinhentos reais", "1500"],
    ["dois mil reais", "2000"],
    ["R$ 1.250,49", "1250"],
    ["R$ 1.250,50", "1251"],
  ])("%j", (texto, esperado) => {
    expect(preco(texto)).toBe(esperado);
  });

  test.each([
    ["R$ 130/h", "1560"],
    ["140 a hora", "1680"],
    ["R$ 125,00 por hora", "1500"],
    ["valor hora: R$ 120", "1440"],
    ["valor hora 120", "1440"],
  ])("por hora: %j × 12", (texto, esperado) => {
    expect(preco(texto)).toBe(esperado);
  });

  test("por hora usa as horas do turno", () => {
    expect(resumos("HVS CM 14/03 13h às 19h R$ 100/h")[0]).toContain("600");
    expect(resumos("HVS CM 14/03 manhã R$ 100/h")[0]).toContain("600");
    expect(resumos("HVS CM 14/03 24h R$ 100/h")[0]).toContain("2400");
  });

  test("uma linha que é só um número é o valor, se não parece um ano", () => {
    expect(resumos("HVS CM\n14/03 SD\n1300")).toEqual(["14/03 diurno - 1300 Clínica Médica @ HVS"]);
    expect(resumos("HVS CM\n14/03 SD\n2026")).toEqual(["14/03 diurno - - Clínica Médica @ HVS"]);
  });

  test.each([
    "CRM 123456",
    "crm-sp 98.765",
    "tel 11 3333-2026",
    "11 98888-1234",
    "Rua das Flores, 1200",
    "CEP 01310-100",
    "em 2026",
    "50 reais",
    "60.000",
    "120 leitos",
    "CNPJ 12.345.678/0001-90",
  ])("%j não é preço", (texto) => {
    expect(preco(texto)).toBe("-");
  });
});

test.each([
  ["R$ 1.400 a R$ 1.800", "1400~1800"],
  ["1.500/1.800", "1500~1800"],
  ["entre R$ 1.400 e R$ 1.800", "1400~1800"],
  ["de 1.500 até 1.800", "1500~1800"],
  ["a partir de R$ 2.500", "2500~"],
  ["desde 1.500", "1500~"],
  ["até R$ 2.000", "~2000"],
  ["de 900 até 1.100", "900~1100"],
])("V1: %j é uma faixa", (texto, esperado) => {
  expect(preco(texto)).toBe(esperado);
});

describe("V2: total de vários plantões", () => {
  test.each([
    ["HVS CM 14/03 e 15/03 SD R$ 3.000 pelos 2 plantões", "1500"],
    ["HVS CM 14/03 e 15/03 SD R$ 3.000 os dois", "1500"],
    ["HVS CM 14/03 e 15/03 SD pacote R$ 2.800", "1400"],
    ["HVS CM 14, 15 e 21/03 SD R$ 3.900 no total", "1300"],
    ["HVS CM 14/03 e 15/03 SD R$ 1.500 cada", "1500"],
    ["HVS CM 14/03 e 15/03 SD R$ 1.500 por plantão", "1500"],
  ])("%j", (texto, cada) => {
    for (const linha of resumos(texto)) expect(linha).toContain(` ${cada} `);
  });
});

describe("V3: adicionais", () => {
  test("somam-se à base nos dias e períodos que dizem", () => {
    expect(resumos("UPA Jardim Aurora - CM\nBase R$ 1.200 (domingo + R$ 150)\n14/03 SD\n15/03 SD")).toEqual([
      "14/03 diurno - 1200 Clínica Médica @ UPA Jardim Aurora",
      "15/03 diurno - 1350 Clínica Médica @ UPA Jardim Aurora",
    ]);
    expect(resumos("HVS CM\nDiurno 1.200 / Noturno 1.300 (sáb e dom + 100)\n13/03 SN\n14/03 SD")).toEqual([
      "13/03 noturno - 1300 Clínica Médica @ HVS",
      "14/03 diurno - 1300 Clínica Médica @ HVS",
    ]);
  });

  test("sem dia nem período não mudam o preço", () => {
    expect(preco("1.200 + 200 de deslocamento")).toBe("1200");
  });
});

test.each(["valor a combinar", "valor no pv", "a tratar", "negociável", ""])("V4: %j é a combinar", (texto) => {
  const [v] = extrair(`HVS CM 14/03 SD ${texto}`).vagas;
  expect(v).toMatchObject({ valor_tipo: "a_combinar", valor: null, valor_minimo: null, valor_maximo: null });
});

describe("V5 e V6: valores com chave", () => {
  const plantoes = "16/03 SD\n17/03 SN\n21/03 SD\n22/03 SN";
  const valores = (tabela: string, linhas = plantoes) =>
    extrair(`HVS CM\n${linhas}\n${tabela}`).vagas.map((v) => v.valor);

  test.each([
    ["Dia de semana paga R$ 1.200, fim de semana R$ 1.400", [1200, 1200, 1400, 1400]],
    ["R$ 1.200 (seg a sex) / R$ 1.400 (sáb e dom)", [1200, 1200, 1400, 1400]],
    ["dias úteis 1.200 e fds 1.400", [1200, 1200, 1400, 1400]],
    ["2ª a 6ª 1.200, sáb e dom 1.400", [1200, 1200, 1400, 1400]],
    ["SD 1.200 / SN 1.300", [1200, 1300, 1200, 1300]],
    ["1.200 diurno e 1.300 noturno", [1200, 1300, 1200, 1300]],
    ["1.200, domingo 1.500", [1200, 1200, 1200, 1500]],
    ["Seg a sex 1.200\nSábado 1.400\nDomingo 1.500", [1200, 1200, 1400, 1500]],
    ["SD 1200 SN 1300, pago na hora", [1200, 1300, 1200, 1300]],
    ["noturno 1.400, diurno 900", [900, 1400, 900, 1400]],
    ["feriado 2.000, demais 1.200", [1200, 1200, 1200, 1200]],
  ])("%j", (tabela, esperado) => {
    expect(valores(tabela)).toEqual(esperado);
  });

  test('o valor dos "demais" é o de quem não diz o seu', () => {
    expect(resumos("HVS CM 14/03 SD, 15/03 SN (R$ 1.800). Demais 1.400").map((l) => l.split(" ")[3])).toEqual([
      "1400",
      "1800",
    ]);
  });

  test("meio período é manhã ou tarde", () => {
    expect(valores("Meio período 700, noite 1.400", "16/03 7h às 13h\n16/03 13h às 19h\n17/03 SN")).toEqual([
      700, 700, 1400,
    ]);
  });

  test("a própria linha ganha do bloco", () => {
    expect(valores("R$ 1.200", "16/03 SD\n17/03 SN R$ 1.500")).toEqual([1200, 1500]);
  });

  test("num plantão com data, as chaves vêm depois de cada valor", () => {
    expect(resumos("HVS CM 14/03 diurno e noturno, 1.200 diurno 1.300 noturno")).toEqual([
      "14/03 diurno - 1200 Clínica Médica @ HVS",
      "14/03 noturno - 1300 Clínica Médica @ HVS",
    ]);
  });
});

test.each([
  ["1.500 PJ ou 1.300 PF", "pj"],
  ["R$ 1.450,00 (PJ) / R$ 1.300,00 (PF)", "pj"],
])("V7: de %j vale o primeiro, o outro é anotado", (texto, forma) => {
  const [v] = extrair(`HVS CM 14/03 SD ${texto}`).vagas;
  expect(v?.forma_pagamento_raw).toBe(forma);
  expect(v?.valor_tipo).toBe("fixo");
  expect(v?.observacoes_raw).toContain("R$ 1300 PF");
});

test("a confiança segue a forma", () => {
  const confianca = (texto: string) => ler(`14/03 SD HVS ${texto}`).leituras[0]?.valores[0]?.confianca;
  expect(confianca("R$ 1.500")).toBe(0.95);
  expect(confianca("2k")).toBe(0.9);
  expect(confianca("1.300")).toBe(0.85);
  expect(confianca("R$ 130/h")).toBe(0.8);
});
