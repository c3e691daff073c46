import { expect, test } from "vitest";
import { afiliadoPorParametros } from "./afiliado.ts";
import { produtoId } from "./produto-id.ts";

const provedor = afiliadoPorParametros({ MELI_AFFILIATE_WORD: "abc", MELI_AFFILIATE_TOOL: "123" });
const criar = (url: string, final = url) => provedor?.criarLink(url, final);

test("42: parâmetros e fragmento saem, os de afiliado entram, e o id é o da ferramenta", () => {
  expect(criar("https://produto.mercadolivre.com.br/MLB-1-x?utm=1#y")).toEqual({
    link: "https://produto.mercadolivre.com.br/MLB-1-x?matt_word=abc&matt_tool=123",
    affiliationId: "123",
  });
});
test("de um link curto vale o destino; sem destino não há link", () => {
  expect(criar("https://meli.la/2aB", "https://produto.mercadolivre.com.br/MLB-1-x?a=1")?.link).toBe(
    "https://produto.mercadolivre.com.br/MLB-1-x?matt_word=abc&matt_tool=123",
  );
  expect(criar("https://www.mercadolivre.com/sec/2aB")).toBeNull();
});
test("a palavra é codificada; sem as duas variáveis não há provedor", () => {
  const outro = afiliadoPorParametros({ MELI_AFFILIATE_WORD: "a b&c", MELI_AFFILIATE_TOOL: "1" });
  expect(outro?.criarLink("https://meli.com/x", "")?.link).toContain("matt_word=a+b%26c&matt_tool=1");
  expect(afiliadoPorParametros({ MELI_AFFILIATE_WORD: "abc" })).toBeNull();
  expect(afiliadoPorParametros({})).toBeNull();
});
test.each([
  ["https://produto.mercadolivre.com.br/MLB-123456789-fone-_JM", "MLB123456789"],
  ["https://www.mercadolivre.com.br/p/MLB123456", "MLB123456"],
  ["https://www.mercadolivre.com.br/fone-x/p/MLB123456?pdp=1", "MLB123456"],
  ["https://www.mercadolivre.com.br/ofertas", null],
  ["https://meli.la/MLBx", null],
  ["nada", null],
])("o id em %s é %s", (url, id) => expect(produtoId(url)).toBe(id));
