import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compilarAliases } from "../embutido/hospitais.ts";
import { type Leitura, lerMensagem, type MensagemLida } from "../embutido/leitura.ts";
import { type ProvedorEmbutido, provedorEmbutido } from "../embutido/provedor-embutido.ts";
import type { EntradaMensagem } from "../provedor.ts";
import { type Preparo, prepararVagas, type VagaPronta } from "../regras/pos-extracao.ts";

/** Terça-feira: o dia em que as mensagens de teste foram mandadas. */
export const R = "2026-03-10";

const catalogo = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../mensagens/catalogo-teste.json"), "utf8"),
) as Record<string, string[]>;
/** O catálogo de §14, como aliases conhecidos. */
export const ALIASES: readonly string[] = Object.entries(catalogo).flatMap(([nome, outros]) => [nome, ...outros]);
const compilados = compilarAliases({ aliases: ALIASES });

export interface Contexto {
  r?: string;
  ddd?: string | null;
}

export function ler(texto: string, { r = R, ddd = "11" }: Contexto = {}): MensagemLida {
  return lerMensagem(texto, { dataReferencia: r, ddd, aliases: compilados });
}

/** A leitura de um texto de um segmento só. */
export function lerUm(texto: string, contexto?: Contexto): Leitura {
  const { leituras } = ler(texto, contexto);
  if (leituras.length !== 1) throw new Error(`esperava um segmento, veio ${leituras.length}: ${texto}`);
  return leituras[0] as Leitura;
}

export const provedor: ProvedorEmbutido = provedorEmbutido({ aliases: ALIASES });

export function entrada(texto: string, { r = R, ddd = "11" }: Contexto = {}): EntradaMensagem {
  return {
    mensagemId: "m",
    grupoId: "g",
    texto,
    dataReferencia: r,
    grupo: { nome: null, regiao: null },
    remetente: { nome: null, ddd },
  };
}

/** Extração e regras comuns, como no pipeline. */
export function extrair(texto: string, contexto: Contexto = {}): Preparo {
  const { eh_oferta, motivo, vagas } = provedor.extrairAgora(entrada(texto, contexto));
  if (!eh_oferta) throw new Error(`não é oferta (${motivo ?? "sem veto"}): ${texto}`);
  return prepararVagas(vagas, { dataReferencia: contexto.r ?? R });
}

/** Uma vaga numa linha: `14/03 noturno 19:00-07:00 1500 Clínica Médica @ Hospital Vila Serena`, o que faltar como `-`. */
export function resumo(v: VagaPronta): string {
  const horas = v.hora_inicio === null ? "-" : `${v.hora_inicio}-${v.hora_fim ?? "?"}`;
  const preco =
    v.valor_tipo === "fixo"
      ? `${v.valor}`
      : v.valor_tipo === "faixa"
        ? `${v.valor_minimo ?? ""}~${v.valor_maximo ?? ""}`
        : "-";
  const dia = `${v.data.slice(8)}/${v.data.slice(5, 7)}`;
  const vezes = v.numero_vagas > 1 ? ` x${v.numero_vagas}` : "";
  return `${dia} ${v.periodo ?? "-"} ${horas} ${preco} ${v.especialidade_raw ?? "-"} @ ${v.hospital_raw}${vezes}`;
}

export function resumos(texto: string, contexto?: Contexto): string[] {
  return extrair(texto, contexto).vagas.map(resumo);
}
