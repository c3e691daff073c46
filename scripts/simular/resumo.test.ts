import { expect, test } from "vitest";
import { PADRAO } from "./condicoes.ts";
import { resumo } from "./resumo.ts";
import type { ResultadoSimulacao } from "./simular.ts";

const INICIO = new Date("2026-03-02T03:00:00Z");
const limpo: ResultadoSimulacao = {
  auditoria: {
    from: INICIO,
    until: INICIO,
    agora: INICIO,
    expected: 10,
    counts: {
      no_horario: 10,
      atrasado: 0,
      pulado: 0,
      perdido: 0,
      inexplicado: 0,
      duplicado: 0,
      fora_da_agenda: 0,
      pendente: 0,
    },
    perJob: {},
    findings: [],
    clean: true,
  },
  perturbacoes: { morte: 1 },
  porStatus: { success: 10 },
  porMotivo: {},
  recuperados: 0,
  abertas: [],
  atrasoMs: { p50: 0, p99: 0, maximo: 0 },
  recebidosDuasVezes: [],
  semJustificativa: [],
  errosDoBanco: [],
  chamadasAoBanco: 1,
  idasAoBanco: 1,
  idasPerdidas: 0,
  processos: 2,
};
const rodada = { ...PADRAO, semente: 1, simulacaoS: 50, totalS: 59.9 };

test("uma semana limpa que leva 60 s ou mais é reprovada", () => {
  expect(resumo(limpo, rodada)).toMatchObject({ aprovado: true, tempo: "59.9 s ok" });
  const lenta = resumo(limpo, { ...rodada, totalS: 60 });
  expect(lenta).toMatchObject({ aprovado: false, tempo: "60.0 s FALHOU" });
  expect(lenta.texto).toMatch(/o comando inteiro em menos de 60 s +60\.0 s FALHOU\nREPROVADO\n$/);
});

test("o tempo de outra simulação não é julgado, e o resumo o diz; o que falta continua a reprovar", () => {
  for (const outra of [{ horas: 24 }, { replicas: 3 }, { stepMs: 500 }]) {
    const r = resumo(limpo, { ...rodada, ...outra, totalS: 500 });
    expect(r.aprovado).toBe(true);
    expect(r.tempo).toBe("500.0 s, não julgado: o limite é o de 168 h com 2 réplicas e passo de 15 s");
  }
  const aberta = { ...limpo, abertas: ["pulso 2026-03-02T13:00:00.000Z"] };
  expect(resumo(aberta, { ...rodada, horas: 24 }).aprovado).toBe(false);
});

test("o resumo diz o que foi simulado de outro modo do que em produção", () => {
  const { texto } = resumo(limpo, { ...rodada, replicas: 3, stepMs: 500 });
  expect(texto).toMatch(/réplicas do scheduler +3, /);
  expect(texto).toMatch(/olha o relógio +a cada 0\.5 s /);
  expect(texto).toMatch(/reserva de uma execução +\d+ s \(30 s\)/);
  expect(texto).toMatch(/synchronous_commit off/);
});
