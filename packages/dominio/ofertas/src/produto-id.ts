/** O id do anúncio ou do produto dentro da URL: `…/MLB-123456789-nome` e `…/p/MLB123456` → `MLB123456789`, `MLB123456`. */
export function produtoId(url: string): string | null {
  const caminho = URL.parse(url)?.pathname ?? "";
  const id = /(?:^\/|\/p\/|\/up\/)MLBU?-?(\d{1,15})(?![\d])/i.exec(caminho)?.[1];
  return id === undefined ? null : `MLB${id}`;
}
