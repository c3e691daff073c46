import { z } from "zod";
import type { ConfiguredLlm } from "#clients/llm";
import type { Place, PlacesClient } from "#clients/places";
import type { Db } from "#core/db";
import { type Clock, errorMessage, type Logger } from "#core/runtime";
import type { BuscaHospital, HospitalExterno } from "./deps.ts";
import { custoUsd, precosDe } from "./llm/custo.ts";
import { promptHospital } from "./llm/prompts.ts";
import { normalizarBusca } from "./regras/normalizar-busca.ts";
import { similaridade } from "./regras/trigrama.ts";

type Dica = Parameters<BuscaHospital>[1];

export interface OpcoesBuscaHospital {
  places: PlacesClient | null;
  llm: ConfiguredLlm | null;
  db: Pick<Db, "call">;
  clock: Clock;
  log: Logger;
}

/** Confianças mínimas para criar um hospital (`domain/grupos-pipeline.md` §5.5, passos 6 e 7). */
const MINIMO_LUGAR = 0.7;
const MINIMO_MODELO = 0.6;
/** Um lugar na cidade esperada vale um pouco mais do que um homônimo sem cidade conhecida. */
const BONUS_CIDADE = 0.1;
/** O nome oficial que o modelo dá tem de lembrar o que se perguntou; senão é outro estabelecimento. */
const PARECENCA_MINIMA = 0.35;
const TIPOS_DE_SAUDE = new Set([
  "hospital",
  "general_hospital",
  "medical_center",
  "medical_clinic",
  "doctor",
  "health",
]);
const MAX_TOKENS = 200;
const UF = /^(?:A[CLMP]|BA|CE|DF|ES|GO|M[AGST]|P[ABEIR]|R[JNORS]|S[CEP]|TO)$/;

/** Passos 6 e 7 da cascata: primeiro o mapa, depois o que o modelo sabe. Null quando nenhum dos dois está configurado. */
export function criarBuscaHospital(opcoes: OpcoesBuscaHospital): BuscaHospital | null {
  const { places, llm } = opcoes;
  if (!places && !llm) return null;
  return async (nome, dica, signal) =>
    (places && (await noMapa(places, nome, dica, signal))) ??
    (llm && (await noModelo({ ...opcoes, llm }, nome, dica, signal)));
}

async function noMapa(
  places: PlacesClient,
  nome: string,
  dica: Dica,
  signal: AbortSignal,
): Promise<HospitalExterno | null> {
  const onde = [dica.cidade, dica.estado].filter((parte) => parte !== null);
  const lugares = await places.searchText([nome, ...onde].join(", "), { signal });
  const [melhor] = lugares
    .filter((l) => l.types.some((t) => TIPOS_DE_SAUDE.has(t)) && (!dica.estado || !l.state || l.state === dica.estado))
    .map((lugar) => ({ lugar, score: confiancaNoLugar(nome, lugar, dica) }))
    .filter((l) => l.score >= MINIMO_LUGAR)
    .sort((a, b) => b.score - a.score);
  if (!melhor) return null;
  const { lugar, score } = melhor;
  return semNulos({
    nome: lugar.name,
    score,
    origem: "google_places",
    logradouro: lugar.street,
    numero: lugar.number,
    bairro: lugar.neighborhood,
    cidade: lugar.city,
    estado: lugar.state,
    cep: lugar.postalCode,
    latitude: lugar.latitude,
    longitude: lugar.longitude,
    google_place_id: lugar.id,
  });
}

function confiancaNoLugar(nome: string, lugar: Place, dica: Dica): number {
  const mesmaCidade = dica.cidade && lugar.city && normalizarBusca(dica.cidade) === normalizarBusca(lugar.city);
  return Math.min(1, similaridade(nome, lugar.name) + (mesmaCidade ? BONUS_CIDADE : 0));
}

const RespostaHospital = z.object({
  conhecido: z.boolean(),
  nome_oficial: z.string().nullish(),
  cidade: z.string().nullish(),
  estado: z.string().nullish(),
  confianca: z.number().min(0).max(1),
});

async function noModelo(
  { llm, db, clock, log }: OpcoesBuscaHospital & { llm: ConfiguredLlm },
  nome: string,
  dica: Dica,
  signal: AbortSignal,
): Promise<HospitalExterno | null> {
  const modelo = llm.config.LLM_MODEL;
  const { data, usage, durationMs } = await llm.client.completeJson({
    model: modelo,
    ...promptHospital(nome, dica),
    schema: RespostaHospital,
    schemaName: "hospital",
    maxTokens: MAX_TOKENS,
    signal,
  });
  const custo = custoUsd(usage, precosDe(llm.config));
  try {
    await db.call("registrar_uso_llm_grupos", {
      p_estagio: "normalizacao",
      p_modelo: modelo,
      p_tokens_input: usage.input,
      p_tokens_output: usage.output,
      p_custo_usd: custo,
      p_duracao_ms: Math.round(durationMs),
      p_agora: clock.now().toISOString(),
    });
  } catch (err) {
    // A resposta já foi paga; perdê-la pagaria outra.
    log.error({ motivo: errorMessage(err), custo_usd: custo }, "custo da busca de hospital não foi registrado");
  }
  const oficial = data.nome_oficial?.trim();
  if (!data.conhecido || !oficial || data.confianca < MINIMO_MODELO) return null;
  const estado = data.estado && UF.test(data.estado) ? data.estado : null;
  if (similaridade(nome, oficial) < PARECENCA_MINIMA || (dica.estado && estado && estado !== dica.estado)) return null;
  return semNulos({ nome: oficial, score: data.confianca, origem: "llm", cidade: data.cidade ?? null, estado });
}

type ComNulos = { [K in keyof HospitalExterno]: HospitalExterno[K] | null };

function semNulos(hospital: ComNulos & Pick<HospitalExterno, "nome" | "score" | "origem">): HospitalExterno {
  return Object.fromEntries(
    Object.entries(hospital).filter(([, valor]) => valor !== null),
  ) as unknown as HospitalExterno;
}
