import type { Medida } from "./cena.ts";

/** promessa · limite · medido · veredito */
export function tabela(titulo: string, medidas: readonly Medida[]): string {
  const largura = (valor: (m: Medida) => string, nome: string) =>
    Math.max(nome.length, ...medidas.map((m) => [...(valor(m).split("\n")[0] ?? "")].length));
  const colunas = [
    { nome: "promessa", valor: (m: Medida) => m.promessa },
    { nome: "limite", valor: (m: Medida) => m.limite },
    { nome: "medido", valor: (m: Medida) => m.medido },
  ].map((c) => ({ ...c, largura: largura(c.valor, c.nome) }));
  const cabecalho = `  ${colunas.map((c) => c.nome.padEnd(c.largura)).join("  ")}  veredito\n`;
  const linhas = medidas.map(
    (m) => `  ${colunas.map((c) => c.valor(m).padEnd(c.largura)).join("  ")}  ${m.cumprida ? "ok" : "FALHOU"}\n`,
  );
  return `${titulo}\n${cabecalho}${linhas.join("")}`;
}
