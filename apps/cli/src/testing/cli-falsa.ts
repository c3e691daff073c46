import { executarCli } from "../executar-cli.ts";
import { jobs } from "../jobs/index.ts";

export interface Pedida {
  metodo: string;
  url: string;
  corpo: unknown;
  cabecalhos: Record<string, string>;
}

export interface Rodada {
  codigo: number;
  saida: string;
  avisos: string;
  pedidas: Pedida[];
}

export interface OpcoesRodada {
  /** O que a API responde, por `GET /caminho`; uma função pode falhar como a rede falha. */
  api?: Record<string, { http?: number; corpo: unknown } | (() => Promise<Response>)>;
  terminal?: boolean;
  aoAvisar?: (texto: string) => void;
  token?: string;
}

/** 02/03/2026 10:05:30 em São Paulo. */
export const AGORA = new Date("2026-03-02T13:05:30Z");

/** A CLI de verdade diante de uma API que responde o que o teste diz. */
export async function rodar(
  linha: string[],
  { api = {}, terminal = false, token, aoAvisar }: OpcoesRodada = {},
): Promise<Rodada> {
  const pedidas: Pedida[] = [];
  let saida = "";
  let avisos = "";
  const enviar: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const metodo = init?.method ?? "GET";
    pedidas.push({
      metodo,
      url: `${url.pathname}${url.search}`,
      corpo: init?.body === undefined ? undefined : JSON.parse(String(init.body)),
      cabecalhos: Object.fromEntries(new Headers(init?.headers)),
    });
    const resposta = api[`${metodo} ${url.pathname.replace("/api/v1/scheduler", "")}`];
    if (typeof resposta === "function") return resposta();
    if (resposta === undefined)
      throw Object.assign(new TypeError("fetch failed"), { cause: new Error("ECONNREFUSED") });
    return Response.json(resposta.corpo, { status: resposta.http ?? 200 });
  };
  const codigo = await executarCli(linha, [jobs], {
    saida: {
      escrever: (texto) => {
        saida += texto;
      },
      avisar: (texto) => {
        avisos += texto;
        aoAvisar?.(texto);
      },
      terminal,
      colunas: 100,
      cores: false,
    },
    url: "http://127.0.0.1:8000/",
    token,
    usuario: "ana",
    enviar,
    agora: () => AGORA,
  });
  return { codigo, saida, avisos, pedidas };
}
