/** Tabela de texto com as colunas alinhadas, para o terminal. */
export function tabela(cabecalho: readonly string[], linhas: readonly (readonly string[])[]): string {
  const larguras = cabecalho.map((titulo, i) => Math.max(titulo.length, ...linhas.map((l) => (l[i] ?? "").length)));
  const formatar = (celulas: readonly string[]) =>
    larguras
      .map((largura, i) => (celulas[i] ?? "").padEnd(largura))
      .join("  ")
      .trimEnd();
  return [formatar(cabecalho), larguras.map((n) => "─".repeat(n)).join("  "), ...linhas.map(formatar)].join("\n");
}
