import { describe, expect, test } from "vitest";
import { CARROSSEL, CUPOM, jsonLdProduto, PAGINA_VERIFICACAO, paginaProduto, valor } from "../testing/paginas.ts";
import { lerPagina } from "./ler-pagina.ts";

const URL_1 = "https://produto.mercadolivre.com.br/MLB-123456789-fone";
const ler = (opcoes: Parameters<typeof paginaProduto>[0] = {}) => lerPagina(paginaProduto(opcoes), URL_1);

describe("preços", () => {
  test("34: anterior 449,99, atual 282,14 e rótulo 37% OFF, entre cupom, parcelas, frete e carrossel", () => {
    expect(ler()).toEqual({
      tipo: "produto",
      titulo: "Fone de Ouvido Bluetooth com Cancelamento de Ruído",
      atualCents: 28_214,
      anterior: { fracao: "449", centavos: "99", totalCents: 44_999 },
      rotuloPct: 37,
    });
  });
  test("35: o cupom com compra mínima antes do preço é ignorado, também sem preço anterior", () => {
    expect(ler({ antes: CUPOM, antigo: null, rotulo: null, depois: "" })).toMatchObject({
      atualCents: 28_214,
      anterior: null,
      rotuloPct: null,
    });
  });
  test("36: o preço anterior de um cartão de carrossel não é o da página", () => {
    expect(ler({ antigo: null, rotulo: null, antes: CARROSSEL })).toMatchObject({ anterior: null, rotuloPct: null });
  });
  test("33: milhares e centavos ausentes; os textos ficam como estão na página", () => {
    expect(ler({ antigo: ["3.499", null], atual: ["1.099", "90"] })).toMatchObject({
      atualCents: 109_990,
      anterior: { fracao: "3.499", centavos: null, totalCents: 349_900 },
    });
  });
  test("o JSON-LD diz o preço atual antes da página, em qualquer das suas formas", () => {
    const oferta = { "@type": "Offer", price: 199.9, priceCurrency: "BRL", availability: "https://schema.org/InStock" };
    for (const jsonLd of [
      jsonLdProduto(oferta),
      jsonLdProduto([
        { ...oferta, priceCurrency: "USD", price: 1 },
        { ...oferta, price: "199.90" },
      ]),
      [{ "@type": "BreadcrumbList" }, jsonLdProduto(oferta)],
      { "@graph": [{ "@type": "Organization" }, jsonLdProduto(oferta, { "@type": ["Product", "Thing"] })] },
    ]) {
      expect(ler({ jsonLd })).toMatchObject({ atualCents: 19_990 });
    }
  });
  test("AggregateOffer: o maior preço é de outro vendedor e nunca o anterior", () => {
    const agregada = { "@type": "AggregateOffer", lowPrice: 100, highPrice: 900, priceCurrency: "BRL" };
    expect(ler({ jsonLd: jsonLdProduto(agregada), antigo: null })).toMatchObject({
      atualCents: 28_214,
      anterior: null,
    });
  });
  test("entre vários produtos do JSON-LD vale o desta URL", () => {
    const oferta = (price: number) => ({ price, priceCurrency: "BRL" });
    const jsonLd = [
      jsonLdProduto(oferta(5), { sku: "MLB999" }),
      jsonLdProduto(oferta(7), { productID: "MLB-123456789" }),
    ];
    expect(ler({ jsonLd: [jsonLd[0], jsonLdProduto(oferta(7))] })).toMatchObject({ atualCents: 700 });
    expect(ler({ jsonLd })).toMatchObject({ atualCents: 700 });
  });
  test.each(["{", "null", "[[]]", '{"@type":"Product","offers":', "{'a':1}", "", "[".repeat(200_000)])(
    "um bloco JSON-LD malformado (%.12s) é pulado",
    (jsonLd) => expect(ler({ jsonLd })).toMatchObject({ atualCents: 28_214 }),
  );
  test("a meta do preço vale quando o texto não se lê; os atributos e o rótulo por extenso também", () => {
    expect(ler({ atual: null, metaPreco: "282.14" })).toMatchObject({ atualCents: 28_214 });
    expect(ler({ antigo: null, atual: ["", null] }).tipo).toBe("ilegivel");
    const so = (atributos: string) =>
      `<h1 class="ui-pdp-title">T</h1><div class="ui-pdp-price"><div class="ui-pdp-price__second-line"><span class="andes-money-amount" ${atributos}></span></div></div>`;
    const atual = (atributos: string) => lerPagina(so(atributos), URL_1);
    expect(atual('data-andes-money-amount-fraction="1.234" data-andes-money-amount-cents="5"')).toMatchObject({
      atualCents: 123_450,
    });
    expect(atual('aria-label="Agora: 282 reais com 5 centavos"')).toMatchObject({ atualCents: 28_205 });
    expect(atual('aria-label="282 dólares" data-andes-money-amount-fraction="282"').tipo).toBe("ilegivel");
  });
  test("outra moeda não é lida", () => {
    expect(ler({ simbolo: "US$" })).toMatchObject({ tipo: "ilegivel" });
    expect(ler({ simbolo: "US$", jsonLd: jsonLdProduto({ price: 10, priceCurrency: "BRL" }) })).toMatchObject({
      atualCents: 1000,
      anterior: null,
    });
  });
  test("só um riscado com as duas classes é o preço anterior", () => {
    const falso = valor(["999", null], { classes: "andes-money-amount--previous" });
    const html = paginaProduto({ antigo: null }).replace('class="ui-pdp-price__second-line">', (m) => m + falso);
    expect(lerPagina(html, URL_1)).toMatchObject({ anterior: null, atualCents: 28_214 });
  });
});

describe("o que a página é", () => {
  test("verificação, página vazia ou sem título de produto são bloqueio, nunca falta de desconto", () => {
    for (const html of [
      PAGINA_VERIFICACAO,
      "",
      "<html></html>",
      "não sou HTML",
      "\u0000\u0001",
      paginaProduto({ titulo: null }),
    ]) {
      expect(lerPagina(html, URL_1).tipo).toBe("bloqueio");
    }
    expect(ler({ titulo: " &nbsp; " }).tipo).toBe("bloqueio");
  });
  test("anúncio pausado ou encerrado, pelo aviso ou pelo JSON-LD, é indisponível", () => {
    for (const aviso of [
      "Anúncio pausado",
      "Este anúncio foi finalizado.",
      "Publicação pausada",
      "Produto indisponível no momento",
    ]) {
      expect([aviso, ler({ aviso }).tipo]).toEqual([aviso, "indisponivel"]);
    }
    expect(ler({ aviso: "Anúncio pausado", titulo: null, atual: null, antigo: null }).tipo).toBe("indisponivel");
    const fora = { price: 1, priceCurrency: "BRL", availability: "http://schema.org/OutOfStock" };
    expect(ler({ jsonLd: jsonLdProduto(fora) }).tipo).toBe("indisponivel");
    const dentro = { ...fora, availability: "https://schema.org/InStock" };
    expect(ler({ jsonLd: jsonLdProduto([fora, dentro]) }).tipo).toBe("produto");
  });
  test("um aviso de entrega, ou as mesmas palavras na descrição, não encerram o anúncio", () => {
    expect(ler({ aviso: "Produto indisponível para o seu CEP" }).tipo).toBe("produto");
    expect(ler({ depois: "<p>Anúncio pausado? Fale conosco</p>" }).tipo).toBe("produto");
  });
  test("de produto mas sem nenhum preço legível: ilegível, e não sem desconto", () => {
    expect(ler({ atual: null, antigo: null, rotulo: null }).tipo).toBe("ilegivel");
    const jsonLd = jsonLdProduto({ price: 10, priceCurrency: "BRL" });
    expect(ler({ atual: null, antigo: null, rotulo: null, jsonLd }), "sem área de preço").toMatchObject({
      tipo: "ilegivel",
    });
  });
});

describe("páginas hostis", () => {
  const lerEm = (html: string) => lerPagina(html, URL_1);
  test("HTML quebrado é lido até onde se confia: um preço pela metade não é um preço", () => {
    const pagina = paginaProduto();
    const certo = { tipo: "produto", atualCents: 28_214, anterior: { totalCents: 44_999 } };
    expect(lerEm(pagina.replaceAll("</p>", "").replaceAll("</main>", ""))).toMatchObject(certo);
    expect(lerEm(pagina.replaceAll("<div", "<DIV").replaceAll(">", " >"))).toMatchObject(certo);
    expect(lerEm(pagina.replaceAll("</span>", "").replaceAll("</div>", ""))).toMatchObject({ tipo: "ilegivel" });
    for (let corte = 0; corte < pagina.length; corte += 7) {
      const lido = lerEm(pagina.slice(0, corte));
      if (lido.tipo === "produto")
        expect([corte, lido]).toEqual([
          corte,
          expect.objectContaining({ anterior: expect.objectContaining(certo.anterior) }),
        ]);
    }
  });
  test.each(["<div>", "<b><p>", "<table><tr><td>", "<svg>", '<s class="andes-money-amount">'])(
    "5 MB de %s aninhados param cedo",
    (abre) => {
      const html = `<h1 class="ui-pdp-title">T</h1><div class="ui-pdp-price">${abre.repeat(Math.ceil((5 * 1024 * 1024) / abre.length))}`;
      expect(lerEm(html)).toMatchObject({ tipo: expect.stringMatching(/ilegivel/) });
    },
  );
  test("5 MB de atributos, de classes, de texto no título, de JSON-LD e de comentário aberto não travam nem vazam", () => {
    const cinco = (pedaco: string) => pedaco.repeat(Math.ceil((5 * 1024 * 1024) / pedaco.length));
    const titulo = lerEm(`<h1 class="ui-pdp-title">${cinco("palavra ")}</h1>`);
    expect(titulo.tipo).toBe("ilegivel");
    for (const html of [
      `<div ${cinco("a=1 ")}>`,
      `<div class="${cinco("ui-pdp-price ")}">`,
      `<script type="application/ld+json">${cinco("[")}`,
      `<!-- ${cinco("x")}`,
      cinco("</p>"),
      cinco("&#x3C;"),
    ]) {
      expect(lerEm(html).tipo).toBe("bloqueio");
    }
  });
  test("script no título é texto como outro qualquer", () => {
    const r = ler({ titulo: "Fone <script>alert(1)</script>&lt;img onerror=x&gt;" });
    expect(r).toMatchObject({ tipo: "produto" });
  });
});
