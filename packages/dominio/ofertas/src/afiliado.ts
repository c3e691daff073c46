/** Quem sabe transformar o endereço de um produto num link de afiliado. */
export interface AffiliateLinkProvider {
  /** `url`: a da oferta; `urlFinal`: onde a página estava. Null: não há link para ela. */
  criarLink(url: string, urlFinal: string): LinkAfiliado | null;
}

export interface LinkAfiliado {
  link: string;
  affiliationId: string;
}

export interface ConfigAfiliado {
  MELI_AFFILIATE_WORD?: string | undefined;
  MELI_AFFILIATE_TOOL?: string | undefined;
}

/**
 * O padrão (§4.5): a URL sem fragmento e sem parâmetros, mais `matt_word` e `matt_tool`. Null enquanto a afiliação não está
 * configurada. De um link curto vale o destino: parâmetros num encurtador não chegam ao produto.
 */
export function afiliadoPorParametros(config: ConfigAfiliado): AffiliateLinkProvider | null {
  const { MELI_AFFILIATE_WORD: word, MELI_AFFILIATE_TOOL: tool } = config;
  if (!word || !tool) return null;
  return {
    criarLink(url, urlFinal) {
      const base = URL.parse(ehLinkCurto(url) ? urlFinal : url);
      if (base === null || ehLinkCurto(base.href)) return null;
      base.hash = "";
      base.search = new URLSearchParams({ matt_word: word, matt_tool: tool }).toString();
      return { link: base.href, affiliationId: tool };
    },
  };
}

/** `meli.la/…` e `mercadolivre.com/sec/…`: links de afiliado que a própria loja encurtou. */
function ehLinkCurto(url: string): boolean {
  const u = URL.parse(url);
  return u !== null && (u.hostname === "meli.la" || u.pathname.startsWith("/sec/"));
}
