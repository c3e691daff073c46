import { z } from "zod";
import { centavosDoDecimal } from "../dinheiro.ts";

export interface LidoJsonLd {
  /** O preço atual; null: nenhum bloco o diz em reais. */
  atualCents: number | null;
  /** Todas as ofertas do produto dizem que ele não se vende mais. */
  indisponivel: boolean;
}

const MAX_NOS = 200;
const FORA_DE_VENDA = /(?:^|\/)(OutOfStock|SoldOut|Discontinued)$/i;

const No = z.record(z.string(), z.unknown());
type No = z.output<typeof No>;

/**
 * O preço atual dos blocos `application/ld+json` de uma página. Entre vários produtos vale o do `produtoId`, senão o primeiro com
 * preço. `AggregateOffer` só pelo próprio `price`: `lowPrice` e `highPrice` são de outros vendedores. Bloco malformado é pulado.
 */
export function lerJsonLd(blocos: readonly string[], produtoId: string | null): LidoJsonLd {
  const produtos = blocos.flatMap(nosDoBloco).filter((no) => ehTipo(no, "Product"));
  const deste = produtos.filter((p) => produtoId !== null && [p.sku, p.productID].some((v) => mesmoId(v, produtoId)));
  const candidatos = (deste.length > 0 ? deste : produtos).map(lerProduto);
  return candidatos.find((c) => c.atualCents !== null) ?? candidatos[0] ?? { atualCents: null, indisponivel: false };
}

function lerProduto(produto: No): LidoJsonLd {
  const ofertas = lista(produto.offers).slice(0, MAX_NOS);
  const precos = ofertas
    .filter((o) => o.priceCurrency === undefined || o.priceCurrency === "BRL")
    .map((o) => centavosDoDecimal(o.price));
  return {
    atualCents: precos.find((p) => p !== null) ?? null,
    indisponivel: ofertas.length > 0 && ofertas.every((o) => FORA_DE_VENDA.test(String(o.availability ?? ""))),
  };
}

function nosDoBloco(texto: string): No[] {
  let json: unknown;
  try {
    json = JSON.parse(texto);
  } catch {
    return [];
  }
  return lista(json)
    .flatMap((no) => [no, ...lista(no["@graph"])])
    .slice(0, MAX_NOS);
}

function lista(valor: unknown): No[] {
  return (Array.isArray(valor) ? valor : [valor]).slice(0, MAX_NOS).flatMap((v) => {
    const no = Array.isArray(v) ? undefined : No.safeParse(v).data;
    return no === undefined ? [] : [no];
  });
}

function ehTipo(no: No, tipo: string): boolean {
  const t = no["@type"];
  return t === tipo || (Array.isArray(t) && t.includes(tipo));
}

function mesmoId(valor: unknown, id: string): boolean {
  return (
    (typeof valor === "string" || typeof valor === "number") && String(valor).replace("-", "").toUpperCase() === id
  );
}
