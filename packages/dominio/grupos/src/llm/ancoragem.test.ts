import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { localDay } from "#core/runtime";
import type { EntradaMensagem } from "../provedor.ts";
import { ancorarVagas, hospitaisNoTexto } from "./ancoragem.ts";
import { converterVaga } from "./converter.ts";
import type { VagaDoModelo } from "./esquemas.ts";
import { numerosDoTexto } from "./numeros.ts";

const TEXTO = `Plantão CM no Hosp. Vila Serena, sábado 14/03, das 19h às 7h
R$ 1.500,00 PJ. CRM 123456. Falar com Paula (11) 98888-1234`;

function ancorar(
  vagas: VagaDoModelo | VagaDoModelo[],
  mudancas: { texto?: string; grupo?: string; ddd?: string } = {},
) {
  const entrada: EntradaMensagem = {
    mensagemId: "m1",
    grupoId: "g1",
    texto: mudancas.texto ?? TEXTO,
    dataReferencia: "2026-03-10",
    grupo: { nome: mudancas.grupo ?? null, regiao: null },
    remetente: { nome: null, ddd: mudancas.ddd ?? null },
  };
  const lista = Array.isArray(vagas) ? vagas : [vagas];
  return ancorarVagas(
    lista.map((v) => converterVaga(v, { especialidades: [], ddd: mudancas.ddd ?? null })),
    entrada,
  );
}
const um = (vaga: VagaDoModelo, mudancas?: Parameters<typeof ancorar>[1]) => {
  const [v] = ancorar(vaga, mudancas);
  if (!v) throw new Error("sem vaga");
  return v;
};

test("o que está no texto fica, sem impedimento", () => {
  const vaga = um({
    hospital: "Hospital Vila Serena",
    data: "2026-03-14",
    valor: 1500,
    contato_whatsapp: "11988881234",
  });
  expect(vaga).toMatchObject({
    hospital_raw: "Hospital Vila Serena",
    data: "2026-03-14",
    valor: 1500,
    contato_whatsapp: "5511988881234",
    impedimentos: [],
  });
});

test("o que o modelo inventou é apagado, o resto fica e a vaga vai para uma pessoa", () => {
  const vaga = um({
    hospital: "Hospital Israelita Central",
    data: "2026-03-14",
    valor: 9000,
    contato_whatsapp: "21977776666",
    periodo: "noturno",
  });
  expect(vaga).toMatchObject({
    hospital_raw: null,
    valor_tipo: "a_combinar",
    valor: null,
    contato_whatsapp: null,
    data: "2026-03-14",
    periodo: "noturno",
    impedimentos: ["sem_ancoragem"],
    confianca: { hospital: 0, valor: 0 },
  });
});

describe("data", () => {
  test("mais de um ano à frente é apagada", () => {
    expect(um({ data: "2027-03-10" }).data).toBe("2027-03-10");
    expect(um({ data: "2027-03-11" })).toMatchObject({ data: null, dia_semana: null, impedimentos: ["sem_ancoragem"] });
  });
  test("passada fica à vista, para ser contada como passada", () => {
    expect(um({ data: "2026-03-09" })).toMatchObject({ data: "2026-03-09", impedimentos: ["sem_ancoragem"] });
    expect(um({ data: "2026-03-10" }).impedimentos).toEqual([]);
  });
  test("com outro dia da semana ao lado, no texto, é divergente", () => {
    const texto = "UPA Aurora sexta 14/03 SD";
    expect(um({ data: "2026-03-14" }, { texto }).impedimentos).toEqual(["dia_semana_divergente"]);
    expect(um({ data: "2026-03-14" }, { texto: "sábado 14/03" }).impedimentos).toEqual([]);
    expect(um({ data: "2026-03-14" }, { texto: "sexta 13/03 e sábado 14/03" }).impedimentos).toEqual([]);
  });
});

describe("hospital", () => {
  test.each([
    ["Hospital Vila Serna", "um erro de digitação por palavra"],
    ["Hospital Estadual Vila Serena", "três palavras de quatro"],
    ["HOSPITAL VILA SERENA", "maiúsculas"],
  ])("%s fica: %s", (hospital) => expect(um({ hospital }).hospital_raw).toBe(hospital));

  test.each(["Hospital Santa Edwiges", "Serena Center Norte", "Vale Verde", "..."])(
    "%s não está no texto",
    (hospital) => {
      expect(um({ hospital }).hospital_raw).toBeNull();
    },
  );

  test("pode vir do nome do grupo, e então a resposta não serve a outro grupo", () => {
    const texto = "Furo amanhã SN, quem cobre?";
    expect(
      um({ hospital: "Hospital Vila Serena" }, { texto, grupo: "Escala Vila Serena - Hospital" }).impedimentos,
    ).toEqual([]);
    expect(hospitaisNoTexto(["Hospital Vila Serena"], texto)).toBe(false);
    expect(hospitaisNoTexto([null, "Hospital Vila Serena"], TEXTO)).toBe(true);
  });
});

describe("valor", () => {
  test.each<[string, string, VagaDoModelo]>([
    ["total dividido pelos plantões escritos", "R$ 6.000 pelos 4 plantões", { valor: 1500 }],
    ["por hora vezes as horas do período", "R$ 130/h, noturno", { valor: 1560, periodo: "noturno" }],
    ["por hora vezes os horários", "140 a hora, 7h às 13h", { valor: 840, hora_inicio: "07:00", hora_fim: "13:00" }],
    ["base mais acréscimo", "Base R$ 1.200 (domingo + R$ 150)", { valor: 1350 }],
    ["k", "dou 1,8k", { valor: 1800 }],
    ["k com centena", "1k2 no pix", { valor: 1200 }],
    ["por extenso", "pago mil e quinhentos", { valor: 1500 }],
    ["por extenso, dois mil", "dois mil e duzentos", { valor: 2200 }],
    ["vírgula de milhar", "R$ 3,200", { valor: 3200 }],
    ["mil com e", "2 mil e quinhentos", { valor: 2500 }],
    ["faixa", "entre 1.400 e 1.800", { valor_tipo: "faixa", valor_minimo: 1400, valor_maximo: 1800 }],
  ])("%s está ancorado", (_nome, texto, vaga) => {
    expect(um(vaga, { texto })).toMatchObject({ ...vaga, impedimentos: [] });
  });

  test("total dividido pelas vagas lidas está ancorado", () => {
    const vagas = ancorar([{ valor: 1500 }, { valor: 1500 }, { valor: 1500 }], { texto: "pacote no total R$ 4.500" });
    expect(vagas.map((v) => v.impedimentos)).toEqual([[], [], []]);
  });

  test.each([
    ["ano", "plantão 14/03/2026", 2026],
    ["telefone", "(11) 98888-1500", 1500],
    ["CRM", "CRM 1500", 1500],
    ["link", "wa.me/5511988881500", 1500],
    ["hora", "14:30 às 19h", 1430],
  ])("dígitos de %s não são preço", (_nome, texto, valor) => {
    expect(um({ valor }, { texto })).toMatchObject({ valor: null, impedimentos: ["sem_ancoragem"] });
  });

  test("de uma faixa só o limite inventado sai", () => {
    const vaga = um({ valor_tipo: "faixa", valor_minimo: 1400, valor_maximo: 7777 }, { texto: "a partir de 1.400" });
    expect(vaga).toMatchObject({ valor_tipo: "faixa", valor_minimo: 1400, valor_maximo: null });
    expect(vaga.impedimentos).toEqual(["sem_ancoragem"]);
  });
});

test("telefone sem DDD vale com o DDD de quem escreveu", () => {
  const vaga = um({ contato_whatsapp: "98123-4567" }, { texto: "zap 98123.4567", ddd: "35" });
  expect(vaga).toMatchObject({ contato_whatsapp: "5535981234567", impedimentos: [] });
});

test("números lidos de um texto cheio de dígitos", () => {
  const { ditos, porHora, acrescimos } = numerosDoTexto(
    "25.04/ 1.500,00/ PJ, 130/h, sáb + 200, tel 11 91234-5678, 19h30",
  );
  expect([ditos.has(1500), [...porHora], [...acrescimos]]).toEqual([true, [130], [200]]);
  expect([ditos.has(1234), ditos.has(5678)]).toEqual([false, false]);
});

/** Um modelo que lê certo: o esperado do corpus, dito por ele, tem de passar inteiro. */
test("nenhuma vaga correta do corpus perde um campo", () => {
  const corpus = readFileSync(new URL("../../mensagens/corpus.jsonl", import.meta.url), "utf8");
  let conferidas = 0;
  for (const linha of corpus.split("\n").filter((l) => l !== "")) {
    const registro = JSON.parse(linha) as {
      id: string;
      texto: string;
      data_mensagem: string;
      grupo: { nome: string };
      remetente: { telefone: string | null };
      esperado: { vagas?: (VagaDoModelo & { hospital_raw: string })[] };
    };
    const ddd = /^55(\d\d)/.exec(registro.remetente.telefone ?? "")?.[1] ?? null;
    const vagas = (registro.esperado.vagas ?? []).map((v) =>
      converterVaga({ ...v, hospital: v.hospital_raw }, { especialidades: [v.especialidade ?? ""], ddd }),
    );
    const ancoradas = ancorarVagas(vagas, {
      mensagemId: registro.id,
      grupoId: "g1",
      texto: registro.texto,
      dataReferencia: localDay(new Date(registro.data_mensagem)),
      grupo: { nome: registro.grupo.nome, regiao: null },
      remetente: { nome: null, ddd },
    });
    for (const [i, vaga] of ancoradas.entries()) {
      expect([registro.id, vaga.impedimentos.includes("sem_ancoragem")]).toEqual([registro.id, false]);
      expect({ ...vaga, impedimentos: [] }).toEqual({ ...vagas[i], impedimentos: [] });
      conferidas++;
    }
  }
  expect(conferidas).toBeGreaterThan(300);
});
