import { expect, test } from "vitest";
import { LeitorXml } from "./xml.ts";

/** O que se ouve de um XML dado nestes pedaços, com os textos seguidos juntos. */
function ouvir(...pedacos: string[]): string {
  const ouvido: string[] = [];
  const leitor = new LeitorXml({
    abre: (nome, atributo) => ouvido.push(`(${nome}${atributo("n") ?? ""}`),
    fecha: () => ouvido.push(")"),
    texto: (texto) => ouvido.push(texto),
  });
  for (const pedaco of pedacos) leitor.escrever(Buffer.from(pedaco));
  leitor.fim();
  return ouvido.join("");
}

test("onde quer que o arquivo seja cortado em pedaços, o que se ouve é o mesmo", () => {
  const xml =
    "<?xml v='<a>'?><a><!-- <b> - -- --><b n='1>'>x &amp; y</b><![CDATA[<c>&amp;]]]]><![CDATA[>z]]><!----><c/></a>";
  const inteiro = ouvir(xml);
  expect(inteiro).toBe("(a(b1>x & y)<c>&amp;]]>z(c))");
  for (let i = 1; i < xml.length; i++) {
    expect(ouvir(xml.slice(0, i), xml.slice(i)), `cortado em ${i}`).toBe(inteiro);
  }
  expect(ouvir(...xml)).toBe(inteiro);
});

test.each(["<![CDATA[", "<!--", "<?x", "<a"])("o que não fecha (%s) é um XML incompleto", (comeco) => {
  expect(() => ouvir("<w>", `${comeco} e mais`)).toThrow(/incompleto/);
});

test("o texto de um CDATA é entregue à medida que chega", () => {
  let ouvido = 0;
  const leitor = new LeitorXml({
    abre: () => undefined,
    fecha: () => undefined,
    texto: (texto) => {
      ouvido += texto.length;
    },
  });
  leitor.escrever(Buffer.from("<t><![CDATA["));
  leitor.escrever(Buffer.from("x".repeat(1000)));
  expect(ouvido).toBeGreaterThan(990);
});
