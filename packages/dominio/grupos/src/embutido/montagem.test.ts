import { describe, expect, test } from "vitest";
import { entrada, extrair, provedor, resumos } from "../testing/leitura.ts";

describe("X1: blocos por hospital", () => {
  test("cada hospital tem as suas datas, sem produto cruzado", () => {
    expect(
      resumos(`ESCALA DE MARÇO - CLÍNICA MÉDICA
🏥 Hospital Vila Serena
14/03 sáb - SD - R$ 1.350
15/03 dom - SN - R$ 1.500
🏥 Hospital São Benedito
16/03 seg - SN - R$ 1.250`),
    ).toEqual([
      "14/03 diurno - 1350 Clínica Médica @ Hospital Vila Serena",
      "15/03 noturno - 1500 Clínica Médica @ Hospital Vila Serena",
      "16/03 noturno - 1250 Clínica Médica @ Hospital São Benedito",
    ]);
  });

  test("o hospital dito depois das datas é delas", () => {
    expect(resumos("14/03 SN\nCM 1.300\nHospital Vila Serena")).toEqual([
      "14/03 noturno - 1300 Clínica Médica @ Hospital Vila Serena",
    ]);
  });

  test("cada linha com hospital e data é um plantão", () => {
    expect(
      resumos(
        "13/03 - 19h às 07h - UPA Jardim Aurora - Clínico - R$ 1.350\n14/03 - 7h às 19h - HSB - Pediatra - R$ 1.500",
      ),
    ).toEqual([
      "13/03 noturno 19:00-07:00 1350 Clínica Médica @ UPA Jardim Aurora",
      "14/03 diurno 07:00-19:00 1500 Pediatria @ HSB",
    ]);
  });
});

test("numa tabela com o hospital em cada fileira, a data é do hospital da sua", () => {
  expect(
    resumos("Data | Turno | Local | Valor\n26/03 | SN | HSB | 1.400\n27/03 | SD | HVS | 1.300\nClínica médica"),
  ).toEqual(["26/03 noturno - 1400 Clínica Médica @ HSB", "27/03 diurno - 1300 Clínica Médica @ HVS"]);
});

describe("X2: datas e períodos", () => {
  test("a linha de período completa as datas pendentes", () => {
    expect(resumos("HVS CM\n13, 14 e 15 de março\nNoturno\nR$ 1.400")).toEqual([
      "13/03 noturno - 1400 Clínica Médica @ HVS",
      "14/03 noturno - 1400 Clínica Médica @ HVS",
      "15/03 noturno - 1400 Clínica Médica @ HVS",
    ]);
  });

  test("cada linha de período a mais é um plantão a mais na mesma data", () => {
    expect(
      resumos(
        "Hospital São Benedito\nSábado 14/03\n- manhã 7-13h R$ 700\n- tarde 13-19h R$ 750\n- noite 19-7h R$ 1.500\nPediatria",
      ),
    ).toEqual([
      "14/03 manha 07:00-13:00 700 Pediatria @ Hospital São Benedito",
      "14/03 tarde 13:00-19:00 750 Pediatria @ Hospital São Benedito",
      "14/03 noturno 19:00-07:00 1500 Pediatria @ Hospital São Benedito",
    ]);
  });

  test("o período antes das datas vale para elas", () => {
    expect(resumos("HVS CM\nNoturno 19h às 7h\n14/03\n15/03")).toEqual([
      "14/03 noturno 19:00-07:00 - Clínica Médica @ HVS",
      "15/03 noturno 19:00-07:00 - Clínica Médica @ HVS",
    ]);
  });

  test("datas × períodos da mesma linha", () => {
    expect(resumos("HVS CM 14 e 15/03 SD e SN")).toHaveLength(4);
  });

  test("período e horário em linhas separadas são o mesmo plantão", () => {
    expect(resumos("HVS CM\n14/03\nTurno: noturno\nHorário: 19h às 7h")).toEqual([
      "14/03 noturno 19:00-07:00 - Clínica Médica @ HVS",
    ]);
    expect(resumos("Preciso de alguém hoje às 19h no HVS. Noturno. CM")).toEqual([
      "10/03 noturno 19:00-? - Clínica Médica @ HVS",
    ]);
  });

  test("um turno de outro período na linha seguinte é outro plantão da data", () => {
    expect(resumos("HVS Pediatria\n14/03 manhã R$ 700\ntarde R$ 750")).toEqual([
      "14/03 manha - 700 Pediatria @ HVS",
      "14/03 tarde - 750 Pediatria @ HVS",
    ]);
  });

  test("a legenda dá o horário de quem só diz SD ou SN", () => {
    expect(resumos("HVS CM\nSD (7h-19h) R$ 1.200\nSN (19h-7h) R$ 1.300\n14/03 SD\n15/03 SN")).toEqual([
      "14/03 diurno 07:00-19:00 1200 Clínica Médica @ HVS",
      "15/03 noturno 19:00-07:00 1300 Clínica Médica @ HVS",
    ]);
  });

  test("uma tabela de preços por período não cria plantões", () => {
    expect(resumos("HVS CM\n14/03 SD\n15/03 SD\nDiurno 1.200\nNoturno 1.300")).toEqual([
      "14/03 diurno - 1200 Clínica Médica @ HVS",
      "15/03 diurno - 1200 Clínica Médica @ HVS",
    ]);
  });
});

test("X3: organizada por dia, cada linha de hospital é um plantão da data corrente", () => {
  expect(
    resumos(`20/03 SN
Hospital Vila Serena - CM - 1.300
HSB - CM - 1.250
21/03 SD
UPA Jardim Aurora - pediatria 1.400`),
  ).toEqual([
    "20/03 noturno - 1300 Clínica Médica @ Hospital Vila Serena",
    "20/03 noturno - 1250 Clínica Médica @ HSB",
    "21/03 diurno - 1400 Pediatria @ UPA Jardim Aurora",
  ]);
});

describe("X4: cabeçalhos de especialidade e de setor", () => {
  test("valem para as linhas seguintes do bloco", () => {
    expect(resumos("HVS\nCLÍNICA MÉDICA\n17/03 SN 1.300\nPEDIATRIA\n17/03 SN 1.500")).toEqual([
      "17/03 noturno - 1300 Clínica Médica @ HVS",
      "17/03 noturno - 1500 Pediatria @ HVS",
    ]);
  });

  test("no fim, ou sozinhos, valem para todas", () => {
    expect(resumos("HVS\n17/03 SN\n18/03 SD\nOrtopedia")).toEqual([
      "17/03 noturno - - Ortopedia e Traumatologia @ HVS",
      "18/03 diurno - - Ortopedia e Traumatologia @ HVS",
    ]);
  });

  test("o setor também", () => {
    const setores = extrair("HVS CM\nEnfermaria\n17/03 SN\nSala vermelha\n18/03 SN").vagas.map((v) => v.setor_raw);
    expect(setores).toEqual(["Enfermaria", "Sala Vermelha"]);
  });
});

test("o setor de um plantão não é o do plantão ao lado", () => {
  const setores = (texto: string) => extrair(texto).vagas.map((v) => v.setor_raw);
  expect(setores("HVS\n14/03 SD CM\n15/03 SD UTI")).toEqual([null, "UTI"]);
  expect(setores("PS HVS 14/03 SD CM\n15/03 SD CM")).toEqual(["PS", "PS"]);
});

describe("X5: linhas de valor por especialidade ou setor", () => {
  test("multiplicam os plantões que não as dizem", () => {
    expect(resumos("PS HVS:\n- Clínica médica: R$ 1.300\n- Pediatria: R$ 1.500\nDatas: 20/03 e 21/03 noturno")).toEqual(
      [
        "20/03 noturno - 1300 Clínica Médica @ HVS",
        "20/03 noturno - 1500 Pediatria @ HVS",
        "21/03 noturno - 1300 Clínica Médica @ HVS",
        "21/03 noturno - 1500 Pediatria @ HVS",
      ],
    );
  });

  test("cada linha com o seu setor", () => {
    const { vagas } = extrair("HSB 14/03 SN\nPS clínico 1.400\nUTI intensivista 1.900");
    expect(vagas.map((v) => [v.setor_raw, v.especialidade_raw, v.valor])).toEqual([
      ["PS", "Clínica Médica", 1400],
      ["UTI", "Medicina Intensiva", 1900],
    ]);
  });

  test("uma linha só é o valor de todos", () => {
    expect(resumos("HVS\n20/03 SN\nClínica médica: R$ 1.300")).toEqual(["20/03 noturno - 1300 Clínica Médica @ HVS"]);
  });
});

describe("X6: fechadas", () => {
  test.each(["FECHADO", "✅ preenchido", "já fechei", "coberta", "já foi", "cancelado", "ocupado"])(
    "%j com data tira só as vagas dela",
    (palavra) => {
      expect(resumos(`HVS CM\n16/03 SN ${palavra}\n17/03 SN`)).toEqual(["17/03 noturno - - Clínica Médica @ HVS"]);
    },
  );

  test("riscada não existe", () => {
    expect(resumos("HVS CM\n~16/03 SN~\n17/03 SN")).toEqual(["17/03 noturno - - Clínica Médica @ HVS"]);
  });

  test.each(["valor fechado", "pacote fechado", "escala fechada"])("%j não fecha vaga", (dito) => {
    expect(resumos(`HVS CM 16/03 SN ${dito} R$ 1.300`)).toHaveLength(1);
  });
});

test("X7: um valor no fim vale para os blocos de antes que não têm nenhum", () => {
  expect(resumos("CM\nHospital Vila Serena\n16/03 SN\nHospital São Benedito\n17/03 SN\nR$ 1.300 cada")).toEqual([
    "16/03 noturno - 1300 Clínica Médica @ Hospital Vila Serena",
    "17/03 noturno - 1300 Clínica Médica @ Hospital São Benedito",
  ]);
});

describe("o que não dá vaga diz por quê", () => {
  test.each([
    ["Vaga fixa de clínico no Hospital Vila Serena, segunda a sexta, 7 às 13h, 14k mensal", "extracao:sem_data"],
    ["Grupo do PS 🏥\n14/03 SN CM 1.400", "extracao:sem_hospital"],
    [
      "Plantão CM Hospital Vila Serena dia 07/03 noturno R$ 1.400, alguém disponível?",
      "extracao:somente_datas_passadas",
    ],
  ])("%j", (texto, motivo) => {
    expect(extrair(texto)).toMatchObject({ vagas: [], motivo });
  });
});

test("o que é comum à mensagem acompanha cada vaga", () => {
  const [v] = extrair(
    "Cobertura HVS CM 14/03 SN R$ 1.300 PJ, com RQE, estacionamento no local. Falar com Ana 11 98888-1234",
  ).vagas;
  expect(v).toMatchObject({
    tipo_vaga_raw: "cobertura",
    forma_pagamento_raw: "pj",
    contato_nome: "Ana",
    contato_whatsapp: "5511988881234",
  });
  expect(v?.observacoes_raw).toMatch(/RQE.*estacionamento/);
});

test.each([
  ["vaga fixa", "fixo", ["vaga_recorrente"]],
  ["mensal", "mensal", ["vaga_recorrente"]],
  ["cobertura", "cobertura", []],
  ["ambulatório", "ambulatorial", []],
  ["plantão", "plantao", []],
])("O2: %s é tipo %s", (palavra, tipo, impedimentos) => {
  expect(extrair(`HVS CM 14/03 SN ${palavra}`).vagas[0]).toMatchObject({ tipo_vaga_raw: tipo, impedimentos });
});

test("a mesma mensagem dá sempre a mesma resposta", () => {
  const e = entrada("HVS CM 14/03 SD e SN 1.300, UPA Jardim Aurora ped 15/03 SN 1.500");
  const primeira = provedor.extrairAgora(e);
  provedor.extrairAgora(entrada("outra no meio: HSB 16/03 SN"));
  expect(provedor.extrairAgora(e)).toEqual(primeira);
});
