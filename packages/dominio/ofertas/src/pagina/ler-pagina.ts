import { centavosDe, centavosDoDecimal, centavosPorExtenso } from "../dinheiro.ts";
import { produtoId } from "../produto-id.ts";
import { lerJsonLd } from "./json-ld.ts";
import { type Achados, percorrer, type ValorEscrito } from "./leitor.ts";

/** O preço riscado, com os textos da página e o seu total. */
export interface PrecoAnterior {
  fracao: string;
  /** Null: a página não mostra centavos, que então são 00. */
  centavos: string | null;
  totalCents: number;
}

/** O que uma página diz ser. Só `produto` autoriza a concluir que não há desconto. */
export type LeituraPagina =
  | {
      tipo: "produto";
      titulo: string;
      atualCents: number | null;
      anterior: PrecoAnterior | null;
      rotuloPct: number | null;
    }
  /** Anúncio pausado, encerrado ou esgotado. */
  | { tipo: "indisponivel" }
  /** Não é a página de um produto: a loja pôs outra no lugar. */
  | { tipo: "bloqueio"; motivo: string }
  /** É de um produto, mas a sua área de preço falta, está cortada ou não se lê. */
  | { tipo: "ilegivel"; motivo: string };

const ENCERRADO =
  /\b(anuncio|publicacao)\s+(esta\s+|foi\s+)?(pausad[oa]|finalizad[oa]|encerrad[oa]|inativ[oa])\b|\bproduto\s+(esta\s+)?(indisponivel|esgotado)\s+no\s+momento\b|\b(anuncio|publicacao|produto)\s+nao\s+esta\s+mais\s+disponivel\b/;

/**
 * Lê uma página de produto (§4.5): o preço atual pelo JSON-LD, senão pela área de preço; o anterior e o rótulo de desconto só pela
 * área de preço. `url`: onde a página estava, que diz qual produto do JSON-LD é o dela. Nunca lança.
 */
export function lerPagina(html: string, url: string): LeituraPagina {
  const achados = percorrer(html);
  if (achados.profundaDemais) return { tipo: "ilegivel", motivo: "Página aninhada demais" };
  if (ENCERRADO.test(dobrar(achados.avisos))) return { tipo: "indisponivel" };
  if (achados.titulo === "") return { tipo: "bloqueio", motivo: "página sem título de produto" };
  const jsonLd = lerJsonLd(achados.jsonLd, produtoId(url));
  if (jsonLd.indisponivel) return { tipo: "indisponivel" };
  // Sem a área inteira não se sabe se há um preço anterior, e não saber não é não haver.
  if (achados.areaDePreco !== "inteira") return { tipo: "ilegivel", motivo: "Página de produto sem área de preço" };

  const anterior = achados.anterior ? lerValor(achados.anterior) : null;
  const atualCents = jsonLd.atualCents ?? atualDaAreaDePreco(achados);
  if (atualCents === null && anterior === null)
    return { tipo: "ilegivel", motivo: "Página de produto sem preço legível" };
  return {
    tipo: "produto",
    titulo: achados.titulo,
    atualCents,
    anterior,
    rotuloPct: lerRotulo(achados.rotuloDesconto),
  };
}

function atualDaAreaDePreco(achados: Achados): number | null {
  const meta = achados.metaPreco === null ? null : centavosDoDecimal(achados.metaPreco);
  return meta ?? (achados.atual ? (lerValor(achados.atual)?.totalCents ?? null) : null);
}

/** Os textos do valor, senão os atributos, senão o rótulo por extenso. Outra moeda que não o real não é lida. */
function lerValor(v: ValorEscrito): PrecoAnterior | null {
  const simbolo = v.simbolo.trim();
  if (simbolo !== "" && simbolo !== "R$") return null;
  if (simbolo === "" && /d[oó]lar|euro|peso/i.test(v.rotulo)) return null;
  for (const [fracao, centavos] of [
    [v.fracao.trim(), v.centavos.trim()],
    [v.atributoFracao.trim(), v.atributoCentavos.trim()],
  ] as const) {
    const totalCents = fracao === "" ? null : centavosDe(fracao, centavos || null);
    if (totalCents !== null) return { fracao, centavos: centavos || null, totalCents };
  }
  const extenso = centavosPorExtenso(v.rotulo);
  return extenso && { fracao: extenso.fracao, centavos: extenso.centavos, totalCents: extenso.total };
}

function lerRotulo(texto: string): number | null {
  const pct = /(?<![\d.,])(\d{1,2})\s?%/.exec(texto)?.[1];
  return pct === undefined ? null : Number(pct);
}

function dobrar(texto: string): string {
  return texto
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}
