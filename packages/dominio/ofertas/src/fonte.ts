import type { PageSource } from "#clients/storefront";
import { lerPagina, type PrecoAnterior } from "./pagina/ler-pagina.ts";

/** O que se soube de uma oferta. Só `produto` e `indisponivel` são conhecimento dela. */
export type LeituraOferta =
  | {
      tipo: "produto";
      urlFinal: string;
      atualCents: number | null;
      anterior: PrecoAnterior | null;
      rotuloPct: number | null;
    }
  | { tipo: "indisponivel" }
  /** A loja não quer mais pedidos por ora. `esperaMs`: quanto ela pediu; null: não disse, e então só se sabe que recusou. */
  | { tipo: "bloqueio"; motivo: string; esperaMs: number | null }
  | { tipo: "falha"; motivo: string };

/** De onde vem o que se sabe de uma oferta: as páginas da loja, ou outra fonte (a API oficial) no lugar delas. */
export interface FonteOferta {
  /** Lança só o motivo do sinal. */
  ler(url: string, sinal: AbortSignal): Promise<LeituraOferta>;
}

/** Pausa de um 429 que não diz quanto esperar (§4.4). */
const ESPERA_429_MS = 900_000;

/** As páginas da loja como fonte: o que cada resposta significa para a oferta (§4.4). */
export function fonteDaLoja(paginas: PageSource): FonteOferta {
  return {
    async ler(url, sinal) {
      const resposta = await paginas.fetchPage(url, { signal: sinal });
      switch (resposta.kind) {
        case "gone":
          return { tipo: "indisponivel" };
        case "blocked": {
          const { motivo, status, retryAfterMs } = resposta;
          return { tipo: "bloqueio", motivo, esperaMs: status === 429 ? (retryAfterMs ?? ESPERA_429_MS) : null };
        }
        case "refused":
          return {
            tipo: "falha",
            motivo: resposta.motivo === "url" ? "URL não permitida" : "Proibida pelo robots.txt da loja",
          };
        case "failed":
          return { tipo: "falha", motivo: resposta.motivo };
        case "page":
          return daPagina(resposta.html, resposta.url);
      }
    },
  };
}

function daPagina(html: string, url: string): LeituraOferta {
  const lida = lerPagina(html, url);
  switch (lida.tipo) {
    case "produto":
      return { ...lida, urlFinal: url };
    case "indisponivel":
      return lida;
    case "bloqueio":
      return { ...lida, esperaMs: null };
    case "ilegivel":
      return { tipo: "falha", motivo: lida.motivo };
  }
}
