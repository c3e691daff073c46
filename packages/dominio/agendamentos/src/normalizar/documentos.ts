import { cpfValido, pareceCelular } from "./cpf.ts";
import {
  type DocumentoLido,
  type DocumentosNormalizados,
  montarDocumentos,
  type TipoDocumento,
} from "./documentos-normalizados.ts";
import { ORGAOS } from "./rg.ts";
import { dobrar, limpar } from "./texto.ts";
import { ehUf } from "./ufs.ts";

/** O rótulo, e o número atrás dele: algarismos com pontos, hífens e barras, que podem ter sido separados por espaços. */
const ROTULOS: readonly { tipo: TipoDocumento | "telefone"; rotulo: string }[] = [
  { tipo: "CPF", rotulo: "c\\.? ?p\\.? ?f" },
  { tipo: "RG", rotulo: "r\\.? ?g|(?:carteira de |cedula de |cart\\. ?)?identidade|registro geral|c\\. ?i" },
  { tipo: "CNH", rotulo: "c\\.? ?n\\.? ?h|(?:carteira de )?habilitacao" },
  { tipo: "CNS", rotulo: "c\\.? ?n\\.? ?s|cartao (?:do )?sus|sus" },
  { tipo: "CRM", rotulo: "c\\.? ?r\\.? ?m" },
  { tipo: "PIS", rotulo: "pis(?: ?/ ?pasep)?|pasep|nis|nit" },
  { tipo: "telefone", rotulo: "tel(?:efone)?|cel(?:ular)?|fone|whatsapp|zap" },
];
const ROTULADO = new RegExp(
  `(?<![a-z\\d])(?:${ROTULOS.map(({ tipo, rotulo }) => `(?<${tipo}>${rotulo})`).join("|")})(?![a-z])\\.?`,
  "g",
);
/** Entre o rótulo e o número. */
const LIGACAO = /^(?:[\s:.#-]|n[º°o]\.?(?![a-z])|numero|num\.?|e(?= )|do |da |eh |=|\()*/;
const UF_ATRAS = /^[\s/(-]*([a-z]{2})(?![a-z\d])/;
const ORGAO = new RegExp(
  `^[\\s/(,.-]*(?:orgao(?: emissor)?[: ]*)?(${ORGAOS.map((o) => o.toLowerCase()).join("|")})(?![a-z])`,
);

/** Posições do texto já entendidas, para que o mesmo número não seja lido duas vezes. */
class Lidas {
  private readonly trechos: [de: number, ate: number][] = [];
  marcar(de: number, ate: number): void {
    this.trechos.push([de, ate]);
  }
  tem(posicao: number): boolean {
    return this.trechos.some(([de, ate]) => posicao >= de && posicao < ate);
  }
}

/**
 * Os documentos brasileiros de um texto escrito à mão (domain/filas-e-workers.md §3.6): primeiro os rotulados, depois CPFs com a sua
 * pontuação, depois onze algarismos soltos que conferem e não parecem um celular. Lança PermanentError quando não há nenhum.
 */
export function normalizarDocumentos(texto: string): DocumentosNormalizados {
  const limpo = dobrar(limpar(texto)).replace(/\n/g, " ");
  const avisos: string[] = [];
  const lidas = new Lidas();
  const lidos = [
    ...rotulados(limpo, lidas),
    ...pontuados(limpo, lidas),
    ...comOrgao(limpo, lidas),
    ...soltos(limpo, lidas, avisos),
  ];
  return montarDocumentos(lidos, avisos, "deterministico");
}

function rotulados(texto: string, lidas: Lidas): DocumentoLido[] {
  const lidos: DocumentoLido[] = [];
  for (const m of texto.matchAll(ROTULADO)) {
    const tipo = ROTULOS.find((r) => m.groups?.[r.tipo] !== undefined)?.tipo;
    if (tipo === undefined || lidas.tem(m.index)) continue;
    let de = m.index + m[0].length;
    de += LIGACAO.exec(texto.slice(de))?.[0].length ?? 0;
    // `CRM/SP 123456`, `CRM-SP 123456`: a UF vem antes.
    const ufAntes = tipo === "CRM" ? UF_ATRAS.exec(texto.slice(de)) : null;
    if (ufAntes?.[1] !== undefined && ehUf(ufAntes[1])) {
      de += ufAntes[0].length;
      de += LIGACAO.exec(texto.slice(de))?.[0].length ?? 0;
    }
    const lido = lerNumero(texto, de, tipo);
    if (!lido) continue;
    lidas.marcar(m.index, lido.fim);
    if (tipo === "telefone") continue;
    lidos.push({
      tipo,
      numero: lido.numero,
      orgao_emissor: lido.orgao,
      uf: lido.uf ?? (ufAntes?.[1] !== undefined && ehUf(ufAntes[1]) ? ufAntes[1].toUpperCase() : null),
    });
  }
  return lidos;
}

interface NumeroLido {
  numero: string;
  fim: number;
  orgao: string | null;
  uf: string | null;
}

/** Quantos algarismos cada um tem; um RG pode terminar em X. */
const TAMANHOS: Readonly<Record<TipoDocumento | "telefone", readonly [min: number, max: number]>> = {
  CPF: [1, 11],
  RG: [5, 14],
  CNH: [9, 11],
  CNS: [15, 15],
  CRM: [3, 8],
  PIS: [11, 11],
  telefone: [8, 13],
};

function lerNumero(texto: string, de: number, tipo: TipoDocumento | "telefone"): NumeroLido | null {
  const resto = texto.slice(de, de + 60);
  // Um RG mineiro começa por MG- ou M-.
  const prefixo = tipo === "RG" ? (/^(?:mg|m)[ -]?(?=\d)/.exec(resto)?.[0] ?? "") : "";
  const [min, max] = TAMANHOS[tipo];
  const numero = juntar(resto.slice(prefixo.length), min, max, tipo);
  if (!numero) return null;
  const fim = de + prefixo.length + numero.tamanho;
  const emissor =
    tipo === "RG" ? lerEmissor(texto, fim) : { orgao: null, uf: tipo === "CRM" ? ufEm(texto, fim) : null, fim };
  return {
    numero: numero.digitos,
    fim: Math.max(fim, emissor.fim),
    orgao: emissor.orgao,
    uf: emissor.uf ?? (prefixo === "" ? null : "MG"),
  };
}

/** Os algarismos do começo, primeiro sem atravessar espaços; atravessa-os quando só assim o número fica inteiro. */
function juntar(texto: string, min: number, max: number, tipo: string): { digitos: string; tamanho: number } | null {
  const fim = tipo === "RG" ? "(?:[.\\/-]?x(?![a-z]))?" : "";
  const junto = new RegExp(`^\\(?\\d(?:[().\\/-]{0,2}\\d)*${fim}`).exec(texto)?.[0];
  if (junto === undefined) return null;
  const espacado = new RegExp(`^\\(?\\d(?:[().\\/ -]{0,3}\\d)*${fim}`).exec(texto)?.[0] ?? junto;
  const so = (t: string) => t.replace(/[^\dx]/g, "").toUpperCase();
  const inteiro = so(espacado).length === max && so(junto).length < max && tipo !== "RG";
  const escolhido = inteiro || (tipo === "telefone" && so(junto).length < min) ? espacado : junto;
  const digitos = so(escolhido);
  if (digitos.length < min || digitos.length > max) return null;
  return { digitos, tamanho: escolhido.length };
}

function lerEmissor(texto: string, de: number): { orgao: string | null; uf: string | null; fim: number } {
  const m = ORGAO.exec(texto.slice(de, de + 40));
  if (!m) {
    const uf = ufEm(texto, de);
    return { orgao: null, uf, fim: de };
  }
  const fim = de + m[0].length;
  return { orgao: (m[1] ?? "").toUpperCase(), uf: ufEm(texto, fim), fim };
}

function ufEm(texto: string, de: number): string | null {
  const sigla = UF_ATRAS.exec(texto.slice(de, de + 12))?.[1];
  return sigla !== undefined && ehUf(sigla) ? sigla.toUpperCase() : null;
}

const CPF_PONTUADO = /(?<![\d.-])(\d{3})\.(\d{3})\.(\d{3})-(\d{2})(?![\d-])/g;

function pontuados(texto: string, lidas: Lidas): DocumentoLido[] {
  return [...texto.matchAll(CPF_PONTUADO)].flatMap((m) => {
    if (lidas.tem(m.index)) return [];
    lidas.marcar(m.index, m.index + m[0].length);
    return [{ tipo: "CPF" as const, numero: m.slice(1).join(""), orgao_emissor: null, uf: null }];
  });
}

/** Sem rótulo, mas com o órgão que o emitiu: só pode ser um RG. */
function comOrgao(texto: string, lidas: Lidas): DocumentoLido[] {
  return [...texto.matchAll(/(?<![\d.-])\d(?:[.-]?\d){4,13}(?:-?x(?![a-z]))?/g)].flatMap((m) => {
    const fim = m.index + m[0].length;
    if (lidas.tem(m.index)) return [];
    const { orgao, uf, fim: fimEmissor } = lerEmissor(texto, fim);
    if (orgao === null) return [];
    lidas.marcar(m.index, fimEmissor);
    return [{ tipo: "RG" as const, numero: m[0].replace(/[.-]/g, "").toUpperCase(), orgao_emissor: orgao, uf }];
  });
}

function soltos(texto: string, lidas: Lidas, avisos: string[]): DocumentoLido[] {
  return [...texto.matchAll(/(?<![\d.-])\d{11}(?![\d-])/g)].flatMap((m) => {
    if (lidas.tem(m.index)) return [];
    if (pareceCelular(m[0])) {
      avisos.push("cpf_ambiguo_telefone");
      return [];
    }
    if (!cpfValido(m[0])) return [];
    return [{ tipo: "CPF" as const, numero: m[0], orgao_emissor: null, uf: null }];
  });
}
