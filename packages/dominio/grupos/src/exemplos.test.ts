import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { localDay } from "#core/runtime";
import { configGruposPadrao } from "./config.ts";
import type { ItemMensagem } from "./fila.ts";
import { entradaDe, type Passo, passoClassificacao, passoExtracao, passoHeuristica } from "./passos/mensagem.ts";
import type { VagaPronta } from "./regras/pos-extracao.ts";
import { regrasEmbutidas } from "./regras-embutidas.ts";
import { ALIASES } from "./testing/leitura.ts";
import { dobrar } from "./texto/dobrar.ts";

/** Os exemplos de §15 pelos três estágios da mensagem, um a um, campo a campo. O que o banco faz deles está em `exemplos.int.test.ts`. */
interface Exemplo {
  id: string;
  foco: string;
  texto: string;
  data_mensagem: string;
  remetente: { nome: string; telefone: string };
  esperado: {
    heuristica: { score: number; decisao: string; categorias?: string[] };
    classificacao: { eh_oferta: boolean | null };
    mensagem: { estagio_final: string; motivo: string; motivo_descarte?: string };
    vagas: Record<string, unknown>[];
  };
}

const ler = (arquivo: string): Exemplo[] =>
  readFileSync(join(import.meta.dirname, "../mensagens", arquivo), "utf8")
    .split("\n")
    .filter((l) => l.trim() !== "")
    .map((l) => JSON.parse(l));

const config = configGruposPadrao();
const regras = regrasEmbutidas(ALIASES);

function item(e: Exemplo, grupo_hospital: string | null = null): ItemMensagem {
  return {
    id: e.id,
    token: "",
    tentativas: 0,
    max_tentativas: 3,
    mensagem_id: e.id,
    estagio: "pendente",
    texto: e.texto,
    data_referencia: localDay(new Date(e.data_mensagem)),
    instance_name: null,
    grupo_id: "",
    grupo_nome: null,
    grupo_regiao: null,
    grupo_hospital,
    contato_id: null,
    remetente_nome: e.remetente.nome,
    remetente_telefone: e.remetente.telefone,
  };
}

function percorrer(i: ItemMensagem): { heuristica: Passo; classificacao: Passo | null; ultimo: Passo } {
  const heuristica = passoHeuristica(i, regras, config);
  if (heuristica.acao === "descartar") return { heuristica, classificacao: null, ultimo: heuristica };
  const classificacao = passoClassificacao(regras.classificarAgora(entradaDe(i)), config);
  if (heuristica.acao === "classificar" && classificacao.acao === "descartar") {
    return { heuristica, classificacao, ultimo: classificacao };
  }
  return { heuristica, classificacao, ultimo: passoExtracao(i, regras.extrairAgora(entradaDe(i)), config) };
}

/** Os campos de uma vaga que o exemplo descreve, na forma dele. */
function comoNoExemplo(v: VagaPronta, esperada: Record<string, unknown>): Record<string, unknown> {
  const obtida: Record<string, unknown> = {
    ...v,
    hospital_raw: dobrar(v.hospital_raw),
    setor: v.setor_raw,
    especialidade: v.especialidade_raw,
  };
  return Object.fromEntries(Object.keys(esperada).map((campo) => [campo, obtida[campo]]));
}

/** Decididos depois, na normalização e na importação. */
const DO_BANCO = ["hospital", "resultado", "motivo_status", "linhas_em_vagas", "score_importacao"];
function daMensagem(esperada: Record<string, unknown>): Record<string, unknown> {
  const campos = Object.entries(esperada).filter(([campo]) => !DO_BANCO.includes(campo));
  return { ...Object.fromEntries(campos), hospital_raw: dobrar(String(esperada.hospital_raw)) };
}

const chave = (v: Record<string, unknown>) =>
  [v.data, v.hospital_raw, v.especialidade, v.setor, v.periodo, v.hora_inicio].join("|");
const emOrdem = (vagas: Record<string, unknown>[]) =>
  [...vagas].sort((a, b) => (chave(a) < chave(b) ? -1 : chave(a) > chave(b) ? 1 : 0));

describe.each(["exemplos.jsonl", "exemplos-adicionais.jsonl"])("%s", (arquivo) => {
  test.each(ler(arquivo))("$id: $foco", (exemplo) => {
    const { esperado } = exemplo;
    const { heuristica, classificacao, ultimo } = percorrer(item(exemplo));

    expect(heuristica.patch.score_heuristica).toBe(esperado.heuristica.score);
    expect(heuristica.acao).toBe(esperado.heuristica.decisao);
    if (esperado.heuristica.categorias) {
      const categorias = heuristica.patch.keywords_encontradas?.map((k) => k.split(":")[0]);
      expect(categorias).toEqual(esperado.heuristica.categorias);
    }
    const { eh_oferta } = esperado.classificacao;
    if (eh_oferta !== null) expect(ultimo.patch.eh_oferta ?? classificacao?.patch.eh_oferta).toBe(eh_oferta);

    expect(ultimo.acao).toBe(esperado.mensagem.estagio_final === "finalizado" ? "normalizar" : "descartar");
    expect(ultimo.motivo).toBe(esperado.mensagem.motivo);
    if (esperado.mensagem.motivo_descarte) {
      expect(ultimo.patch.motivo_descarte).toBe(esperado.mensagem.motivo_descarte);
    }

    const esperadas = emOrdem(esperado.vagas.map(daMensagem));
    const campos = esperadas[0] ?? {};
    expect(emOrdem((ultimo.vagas ?? []).map((v) => comoNoExemplo(v, campos)))).toEqual(esperadas);
  });
});

test("GX-044: no grupo de um hospital, a vaga sem hospital é dele, com confiança 0,7", () => {
  const exemplo = ler("exemplos-adicionais.jsonl").find((e) => e.id === "GX-044") as Exemplo;
  const { ultimo } = percorrer(item(exemplo, "Pronto Socorro Central de Itaporã"));
  expect(ultimo.motivo).toBe("vagas:1");
  expect(ultimo.vagas?.[0]).toMatchObject({
    hospital_raw: "Pronto Socorro Central de Itaporã",
    confianca: { hospital: 0.7 },
    especialidade_raw: "Clínica Médica",
    periodo: "noturno",
    data: "2026-03-14",
    valor: 1400,
  });
});
