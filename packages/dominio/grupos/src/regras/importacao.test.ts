import { expect, test } from "vitest";
import { decidirImportacao, pontuarImportacao, type VagaParaImportar } from "./importacao.ts";

const vaga: VagaParaImportar = {
  hospital_id: "h",
  especialidade_id: "e",
  data: "2026-03-14",
  periodo: "noturno",
  periodo_id: "p",
  hora_inicio: null,
  hora_fim: null,
  tipo_vaga_raw: "plantao",
  hospital_match_score: 1,
  especialidade_match_score: 1,
  confianca_data: 1,
  valor_tipo: "fixo",
  valor: 1500,
  impedimentos: [],
};
const contexto = { hoje: "2026-03-10", bloqueado: false };

test.each([
  [{}, 1],
  [{ confianca_data: 0.95 }, 0.9875],
  [{ confianca_data: 0.9 }, 0.975],
  [{ valor_tipo: "a_combinar", valor: null }, 0.985],
  [{ valor_tipo: "faixa", valor: null }, 0.995],
  [{ confianca_data: 0.8, valor_tipo: "faixa", valor: null }, 0.945],
  [{ confianca_data: 0.95, periodo_id: null }, 0.9375],
  [{ confianca_data: null }, 0.95],
  [{ valor: 50 }, 0.965],
] as [Partial<VagaParaImportar>, number][])("pontuação de %j é %d", (parte, esperado) => {
  expect(pontuarImportacao({ ...vaga, ...parte })).toBe(esperado);
});

test("um score que é exatamente o limiar importa", () => {
  // 0,30·0,7 + 0,30·0,8 + 0,25 + 0,10 + 0,05 = 0,85, que em ponto flutuante fica abaixo
  const r = decidirImportacao({ ...vaga, hospital_match_score: 0.7, especialidade_match_score: 0.8 }, contexto);
  expect(r).toMatchObject({ resultado: "importada", score: 0.85, motivo_status: null });
});

test("data de ontem é descartada antes de qualquer outra regra; a de hoje não", () => {
  const ontem = decidirImportacao({ ...vaga, data: "2026-03-09", hospital_id: null }, contexto);
  expect(ontem).toMatchObject({ resultado: "descartada", motivo_status: "validacao_falhou: data no passado" });
  expect(decidirImportacao({ ...vaga, data: "2026-03-10" }, contexto).resultado).toBe("importada");
});

test("campo obrigatório ausente vai para revisão, mesmo com hospital bloqueado", () => {
  const r = decidirImportacao({ ...vaga, especialidade_id: null }, { ...contexto, bloqueado: true });
  expect(r).toMatchObject({ resultado: "aguardando_revisao", motivo_status: "match_incompleto:especialidade" });
});

test("hospital bloqueado descarta", () => {
  expect(decidirImportacao(vaga, { ...contexto, bloqueado: true })).toMatchObject({
    resultado: "descartada",
    motivo_status: "hospital_bloqueado",
  });
});

test("impedimentos levam à revisão com todos os motivos", () => {
  const r = decidirImportacao(
    { ...vaga, valor: 50_000, data: "2026-09-01", impedimentos: ["sem_ancoragem"] },
    contexto,
  );
  expect(r).toMatchObject({
    resultado: "aguardando_revisao",
    motivo_status: "valor_fora_da_faixa,sem_ancoragem,data_muito_distante",
  });
});

test("impedimento que depende do dia é recalculado: a data que ficou próxima deixa de impedir", () => {
  const r = decidirImportacao({ ...vaga, impedimentos: ["data_muito_distante", "valor_fora_da_faixa"] }, contexto);
  expect(r).toMatchObject({ resultado: "importada", impedimentos: [] });
});

test("90 dias ainda não é distante; 91 é", () => {
  expect(decidirImportacao({ ...vaga, data: "2026-06-08" }, contexto).resultado).toBe("importada");
  expect(decidirImportacao({ ...vaga, data: "2026-06-09" }, contexto).motivo_status).toBe("data_muito_distante");
});

test("vaga fixa ou mensal é recorrente", () => {
  expect(decidirImportacao({ ...vaga, tipo_vaga_raw: "mensal" }, contexto).motivo_status).toBe("vaga_recorrente");
});

test("abaixo de 0,85 vai para revisão e abaixo de 0,70 é descartada, com ou sem impedimento", () => {
  const media = { ...vaga, hospital_match_score: 0.7, especialidade_match_score: 0.6, confianca_data: 0.8 };
  expect(decidirImportacao(media, contexto)).toMatchObject({
    resultado: "aguardando_revisao",
    motivo_status: "confianca_media",
  });
  const baixa = { ...media, confianca_data: 0.2, impedimentos: ["sem_ancoragem"] };
  expect(decidirImportacao(baixa, contexto)).toMatchObject({
    resultado: "descartada",
    motivo_status: "baixa_confianca",
  });
});

test("a hora que o texto não disse vem do período", () => {
  expect(decidirImportacao(vaga, contexto)).toMatchObject({ hora_inicio: "19:00", hora_fim: "07:00" });
  expect(decidirImportacao({ ...vaga, periodo: null, periodo_id: null, hora_inicio: "08:00" }, contexto)).toMatchObject(
    { hora_inicio: "08:00", hora_fim: null },
  );
});
