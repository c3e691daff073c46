/** Páginas de produto inventadas por nós, nas formas de §4.5 e com as armadilhas que as de verdade têm. */
export interface OpcoesPagina {
  titulo?: string | null;
  /** [fração, centavos] do preço riscado; null: não há. */
  antigo?: readonly [string, string | null] | null;
  atual?: readonly [string, string | null] | null;
  rotulo?: string | null;
  simbolo?: string;
  /** O objeto, um texto já escrito, ou null para nenhum. */
  jsonLd?: unknown;
  metaPreco?: string | null;
  /** Entre o título e a área de preço. */
  antes?: string;
  depois?: string;
  aviso?: string;
}

export function valor(
  [fracao, centavos]: readonly [string, string | null],
  { tag = "span", classes = "", rotulo = "", simbolo = "R$" } = {},
): string {
  const cents =
    centavos === null ? "" : `<span class="andes-money-amount__cents" aria-hidden="true">${centavos}</span>`;
  return `<${tag} class="andes-money-amount ui-pdp-price__part ${classes}" role="img" aria-label="${rotulo}"
    data-andes-money-amount-fraction="${fracao}" data-andes-money-amount-cents="${centavos ?? "00"}"
    ><span class="andes-money-amount__currency-symbol" aria-hidden="true">${simbolo}</span
    ><span class="andes-money-amount__fraction" aria-hidden="true">${fracao}</span>${cents}</${tag}>`;
}

/** Cupom, carrossel e recomendações: as mesmas classes, outros preços. */
export const CUPOM = `<div class="ui-pdp-coupon"><p>Cupom 10% OFF. Compra mínima ${valor(["259", null])}</p></div>`;
export const CARROSSEL = `<section class="ui-recommendations-carousel"><h2>Quem viu também comprou</h2>
  <div class="poly-card"><a class="poly-component__title">Outro fone</a><div class="poly-component__price">
  ${valor(["999", "90"], { tag: "s", classes: "andes-money-amount--previous ui-pdp-price__original-value" })}
  <div class="poly-price__current">${valor(["499", "90"])}<span class="andes-money-amount__discount">50% OFF</span></div></div></div></section>`;
const POLY = `<div class="poly-card"><div class="ui-pdp-price">
  ${valor(["1.500", null], { tag: "s", classes: "andes-money-amount--previous ui-pdp-price__original-value" })}
  <div class="ui-pdp-price__second-line">${valor(["10", "00"])}</div></div></div>`;

export function paginaProduto(opcoes: OpcoesPagina = {}): string {
  const o = {
    titulo: "Fone de Ouvido Bluetooth com Cancelamento de Ruído",
    antigo: ["449", "99"] as readonly [string, string | null] | null,
    atual: ["282", "14"] as readonly [string, string | null] | null,
    rotulo: "37% OFF",
    simbolo: "R$",
    metaPreco: null,
    antes: CUPOM + POLY,
    depois: CARROSSEL,
    aviso: "",
    jsonLd: undefined as unknown,
    ...opcoes,
  };
  const bloco =
    o.jsonLd === null || o.jsonLd === undefined
      ? ""
      : `<script type="application/ld+json">${typeof o.jsonLd === "string" ? o.jsonLd : JSON.stringify(o.jsonLd)}</script>`;
  const riscado = o.antigo
    ? valor(o.antigo, {
        tag: "s",
        classes: "ui-pdp-price__original-value andes-money-amount--previous andes-money-amount--cents-superscript",
        rotulo: `Antes: ${o.antigo[0].replaceAll(".", "")} reais`,
        simbolo: o.simbolo,
      })
    : "";
  const meta = o.metaPreco === null ? "" : `<meta itemprop="price" content="${o.metaPreco}">`;
  const agora = o.atual ? valor(o.atual, { rotulo: `Agora: ${o.atual[0]} reais`, simbolo: o.simbolo }) : "";
  const rotulo = o.rotulo === null ? "" : `<span class="andes-money-amount__discount">${o.rotulo}</span>`;
  const preco = `<div class="ui-pdp-price mt-16 ui-pdp-price--size-large"><div class="ui-pdp-price__main-container">
      ${riscado}
      <div class="ui-pdp-price__second-line"><span>${meta}${agora}</span><span class="ui-pdp-price__second-line__label">${rotulo} no Pix</span></div>
      <div class="ui-pdp-price__subtitles"><p>em <span>10x ${valor(["28", "21"])} sem juros</span></p></div></div></div>`;
  return `<!DOCTYPE html><html lang="pt-BR"><head><meta charset="utf-8"><title>Loja</title>${bloco}
    <style>.ui-pdp-price{}</style><script>var x = "<div class='ui-pdp-price'>R$ 1</div>";</script></head><body><main>
    ${o.aviso === "" ? "" : `<div class="andes-message andes-message--warning"><div class="andes-message__content">${o.aviso}</div></div>`}
    ${o.titulo === null ? "" : `<div class="ui-pdp-header"><h1 class="ui-pdp-title">${o.titulo}</h1></div>`}
    ${o.antes}${o.atual || o.antigo || o.metaPreco ? preco : ""}
    <div class="ui-pdp-shipping">Frete ${valor(["19", "90"])}</div>${o.depois}</main></body></html>`;
}

/** O JSON-LD de um produto; `offers` troca as ofertas. */
export function jsonLdProduto(offers: unknown, mais: object = {}): object {
  return { "@context": "https://schema.org", "@type": "Product", name: "Fone", sku: "MLB123456789", offers, ...mais };
}

export const PAGINA_VERIFICACAO = `<!DOCTYPE html><html><body><div id="root-app"><form action="/gz/account-verification" method="post">
  <h1>Olá! Para continuar, acesse a sua conta</h1><p>Compra mínima R$ 259</p></form></div></body></html>`;
