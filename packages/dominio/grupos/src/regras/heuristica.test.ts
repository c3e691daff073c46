import { describe, expect, test } from "vitest";
import { avaliarHeuristica } from "./heuristica.ts";

describe("o que nem se pontua", () => {
  test.each([
    [null, "sem_texto", "texto_vazio"],
    ["", "sem_texto", "texto_vazio"],
    [" \n\t\u200b ", "sem_texto", "texto_vazio"],
    ["~tudo riscado aqui~", "sem_texto", "texto_vazio"],
    ["vaga hoje", "heuristica_baixa", "muito_curta"],
    ["plantão ".repeat(300), "heuristica_baixa", "muito_longa"],
    ["Bom dia, grupo! Ótima semana pra todo mundo", "heuristica_baixa", "keyword_negativa"],
    ["Valeu pessoal, resolvido!", "heuristica_baixa", "keyword_negativa"],
    ["kkkkkk essa foi boa demais gente", "heuristica_baixa", "keyword_negativa"],
    ["alguém sabe de um bom restaurante?", "heuristica_baixa", "keyword_negativa"],
  ])("%j é %s, %s", (texto, motivo, motivo_descarte) => {
    expect(avaliarHeuristica(texto)).toEqual({
      acao: "descartar",
      score: 0,
      passou: false,
      keywords: [],
      categorias: [],
      motivo,
      motivo_descarte,
    });
  });

  test("os limites de tamanho são inclusivos e contam o texto limpo", () => {
    expect(avaliarHeuristica("plantão amanhã!").motivo_descarte).toBeNull(); // 15
    expect(avaliarHeuristica("*plantão* amanh").motivo_descarte).toBe("muito_curta"); // 13 sem os asteriscos
    expect(avaliarHeuristica(`plantão ${"x".repeat(1992)}`).motivo_descarte).toBeNull(); // 2.000
    expect(avaliarHeuristica(`plantão ${"x".repeat(1993)}`).motivo_descarte).toBe("muito_longa");
  });

  test("a palavra negativa não conta quando se fala de plantão ou de hospital", () => {
    expect(avaliarHeuristica("Boa noite! Plantão amanhã no HVS").acao).not.toBe("descartar");
    expect(avaliarHeuristica("Bom dia! UPA Jardim Aurora, pediatra").motivo_descarte).toBeNull();
    expect(avaliarHeuristica("Bom dia! Sou ortopedista há anos").motivo_descarte).toBe("keyword_negativa");
  });
});

describe("decisão", () => {
  test.each([
    ["Hospital top demais, recomendo", 0.25, "descartar", "heuristica_baixa"],
    ["pediatra nota dez esse aí", 0.25, "descartar", "heuristica_baixa"],
    ["por R$ 500 eu nem saio de casa", 0.2, "descartar", "heuristica_baixa"],
    ["cardiologista por R$ 500", 0.45, "classificar", null],
    ["Kkkkk esse grupo tá parado hoje", 0.3, "classificar", null],
    ["Plantão no hospital, me chama", 0.55, "classificar", null],
    ["Plantão por R$ 1.500 amanhã", 0.5, "classificar", null],
    ["Plantão no hospital R$ 1.500", 0.75, "classificar", null],
    ["Plantão no hospital de pediatria", 0.8, "extrair", null],
    ["Plantão no hospital, pediatria, R$ 1.500", 1, "extrair", null],
  ])("%j: %d, %s", (texto, score, acao, motivo_descarte) => {
    expect(avaliarHeuristica(texto)).toMatchObject({ score, acao, motivo_descarte, passou: acao !== "descartar" });
  });

  test("os limiares se ajustam", () => {
    expect(avaliarHeuristica("Hospital top demais, recomendo", { minimo: 0.25 }).acao).toBe("classificar");
    expect(avaliarHeuristica("Plantão no hospital, me chama", { alto: 0.5 }).acao).toBe("extrair");
    expect(avaliarHeuristica("vaga", { minTamanho: 4 }).acao).toBe("classificar");
  });
});

const palavras = (texto: string) => avaliarHeuristica(`${texto} .............`).keywords;

describe("categorias, cada uma uma vez, pelo primeiro padrão que casa", () => {
  test.each([
    ["vaga de plantão", "plantao:plantao"],
    ["vaga amanhã", "plantao:vaga"],
    ["Noturno amanhã", "plantao:noturno"],
    ["SD na casa", "plantao:sd"],
    ["19h às 7h", "plantao:19h as 7h"],
    ["07:00-19:00", "plantao:07:00-19:00"],
    ["dias 15 e tal", "plantao:dias 15"],
    ["16/03 e tal", "plantao:16/03"],
    ["hj tem jogo", "plantao:hj"],
    ["sábado tem jogo", "plantao:sabado"],
    ["Dra. Fulana", "plantao:dra"],
    ["precisa-se de gente", "plantao:precisa-se"],
  ])("%j → %s", (texto, esperada) => {
    expect(palavras(texto)).toEqual([esperada]);
  });

  test.each([
    ["no pronto socorro", ["hospital:pronto socorro"]],
    ["na clínica do Zé", ["hospital:clinica"]],
    ["clínica médica", ["plantao:medica", "especialidade:clinica medica"]],
    ["clínica geral", ["especialidade:clinica geral"]],
    ["sta casa de lá", ["hospital:sta casa"]],
    ["AMA da vila", ["hospital:ama"]],
    ["ortopedista bom", ["especialidade:ortopedista"]],
    ["ginecologia sim", ["especialidade:ginecologia"]],
    ["uro de novo", ["especialidade:uro"]],
    ["euro e dólar", []],
    ["2 mil ali", ["valor:2 mil"]],
    ["1,8k ali", ["valor:1,8k"]],
    ["R$ 900 ali", ["valor:r$ 900"]],
    ["1k2 ali, 1.600 ali", []],
    ["Plantãozinho, hospitaleiro, valoroso", []],
    ["2mililitros", []],
  ])("%j → %j", (texto, esperadas) => {
    expect(palavras(texto)).toEqual(esperadas);
  });

  test("os pesos somam em centésimos inteiros", () => {
    const r = avaliarHeuristica("Plantão no Hospital Vila Serena, CM, R$ 1.500");
    expect(r.categorias).toEqual(["plantao", "hospital", "especialidade", "valor"]);
    expect(r.score).toBe(1);
  });
});

test("mil mensagens em menos de um segundo", () => {
  const texto =
    "Boa noite, colegas! Tenho plantão dia 15 diurno e dia 18 noturno na UPA Jardim Aurora, pediatria, 1.300 cada";
  const medir = () => {
    const inicio = performance.now();
    for (let i = 0; i < 1000; i++) avaliarHeuristica(`${texto} ${i}`);
    return performance.now() - inicio;
  };
  // O menor de três: a máquina dos testes é dividida com outros, e o que se mede é o algoritmo.
  expect(Math.min(medir(), medir(), medir())).toBeLessThan(1000);
});
