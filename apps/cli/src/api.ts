import { z } from "zod";
import { errorMessage } from "#core/runtime";

/** A API respondeu um erro, ou não respondeu. `uso`: o que foi pedido é que está errado. */
export class ErroDaApi extends Error {
  readonly corpo: Record<string, unknown>;
  readonly uso: boolean;
  constructor(message: string, corpo: Record<string, unknown> = {}, uso = false) {
    super(message);
    this.corpo = { status: "error", message, ...corpo };
    this.uso = uso;
  }
}

export interface OpcoesPedido<S extends z.ZodType> {
  query?: Record<string, string | undefined>;
  corpo?: Record<string, unknown>;
  esquema: S;
  /** Até o último byte, ms. */
  prazoMs?: number;
  /** Códigos de erro que também são uma resposta deste pedido. */
  aceitar?: (http: number, corpo: unknown) => boolean;
}

export interface ClienteApi {
  pedir<S extends z.ZodType>(
    metodo: "GET" | "POST",
    caminho: string,
    opcoes: OpcoesPedido<S>,
  ): Promise<{ http: number; corpo: z.output<S> }>;
}

export interface OpcoesApi {
  url: string;
  token: string | undefined;
  autor: string;
  enviar: typeof fetch;
}

const PRAZO_MS = 30_000;
const CAMINHO = "/api/v1/scheduler";
const Erro = z.looseObject({ message: z.string(), codigo: z.string().optional(), campo: z.string().optional() });

/** A API de operação, por HTTP. Todo erro sai como `ErroDaApi`, com o que fazer. */
export function criarApi({ url, token, autor, enviar }: OpcoesApi): ClienteApi {
  const base = url.replace(/\/+$/, "");
  return {
    async pedir(metodo, caminho, { query = {}, corpo, esquema, prazoMs = PRAZO_MS, aceitar }) {
      const dados = Object.entries(query).filter((par): par is [string, string] => par[1] !== undefined);
      const resto = dados.length === 0 ? "" : `?${new URLSearchParams(dados)}`;
      let resposta: Response;
      let texto: string;
      try {
        resposta = await enviar(`${base}${CAMINHO}${caminho}${resto}`, {
          method: metodo,
          redirect: "manual",
          signal: AbortSignal.timeout(prazoMs),
          headers: {
            accept: "application/json",
            // Um cabeçalho leva bytes: os do UTF-8.
            "x-operador": Buffer.from(autor, "utf8").toString("latin1"),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(corpo === undefined ? {} : { "content-type": "application/json" }),
          },
          ...(corpo === undefined ? {} : { body: JSON.stringify(corpo) }),
        });
        texto = await resposta.text();
      } catch (err) {
        throw semResposta(base, err, prazoMs);
      }
      const lido = lerJson(texto);
      if (resposta.status >= 300 && !aceitar?.(resposta.status, lido)) throw recusada(base, resposta.status, lido);
      const certo = esquema.safeParse(lido);
      if (certo.success) return { http: resposta.status, corpo: certo.data };
      throw new ErroDaApi(
        `a resposta de ${base} não é a esperada: é mesmo a Julia Jobs, e na mesma versão desta CLI? (HTTP ${resposta.status})`,
      );
    },
  };
}

function recusada(base: string, http: number, corpo: unknown): ErroDaApi {
  const erro = Erro.safeParse(corpo).data;
  if (http === 401) {
    const message = `a API em ${base} recusou o token; defina JOBS_API_TOKEN com o mesmo valor que ela usa`;
    return new ErroDaApi(message, { ...erro, message });
  }
  if (erro === undefined) {
    return new ErroDaApi(
      `${base} respondeu HTTP ${http} sem dizer por quê; JULIA_API_URL aponta mesmo para a Julia Jobs?`,
    );
  }
  return new ErroDaApi(erro.message, erro, http === 400);
}

function semResposta(base: string, err: unknown, prazoMs: number): ErroDaApi {
  if (err instanceof Error && err.name === "TimeoutError") {
    return new ErroDaApi(`a API em ${base} não respondeu em ${prazoMs / 1000} s`, { codigo: "tempo_esgotado" });
  }
  const porque = errorMessage(err).includes("ECONNREFUSED") ? "conexão recusada" : errorMessage(err);
  return new ErroDaApi(
    `não foi possível falar com a API em ${base}: ${porque}. Ela está no ar? O endereço vem de JULIA_API_URL ou --api`,
    { codigo: "api_fora" },
  );
}

function lerJson(texto: string): unknown {
  try {
    return JSON.parse(texto);
  } catch {
    return undefined; // um intermediário que responde HTML: quem chama diz o que isso significa
  }
}
