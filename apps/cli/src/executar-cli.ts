import { ajudaDoComando, ajudaDoGrupo, ajudaGeral } from "./ajuda.ts";
import { criarApi, ErroDaApi } from "./api.ts";
import { type Comando, ErroDeUso, type Grupo, type Pedido } from "./comando.ts";
import { conferirAridade, lerArgumentos } from "./ler-argumentos.ts";
import type { Saida } from "./saida.ts";

export interface Ambiente {
  saida: Omit<Saida, "json">;
  /** `JULIA_API_URL` e `JOBS_API_TOKEN`. */
  url: string;
  token: string | undefined;
  /** O usuário do sistema. */
  usuario: string;
  enviar: typeof fetch;
  agora(): Date;
}

const PEDE_AJUDA = new Set(["--ajuda", "--help", "-h", "ajuda", "help"]);

/** Lê a linha de comando, faz, responde o código de saída. Nada do que dá errado escapa daqui sem palavras. */
export async function executarCli(argv: readonly string[], grupos: readonly Grupo[], a: Ambiente): Promise<number> {
  const json = argv.includes("--json");
  const saida: Saida = { ...a.saida, json };
  try {
    const [nomeGrupo, nomeVerbo, ...resto] = argv;
    if (nomeGrupo === undefined || PEDE_AJUDA.has(nomeGrupo)) {
      saida.escrever(ajudaGeral(grupos));
      return nomeGrupo === undefined ? 2 : 0;
    }
    const grupo = achar(grupos, nomeGrupo, "grupo", "julia --ajuda");
    if (nomeVerbo === undefined || PEDE_AJUDA.has(nomeVerbo)) {
      saida.escrever(ajudaDoGrupo(grupo));
      return nomeVerbo === undefined ? 2 : 0;
    }
    const comando = achar(grupo.comandos, nomeVerbo, "verbo", `julia ${grupo.nome} --ajuda`);
    if (resto.some((p) => p === "--ajuda" || p === "--help" || p === "-h")) {
      saida.escrever(ajudaDoComando(grupo, comando));
      return 0;
    }
    const pedido = lerCom(grupo, comando, resto);
    return await rodar(comando, pedido, { ...saida, json: pedido.ligada("json") }, a);
  } catch (err) {
    if (json && err instanceof ErroDaApi) saida.avisar(`${JSON.stringify(err.corpo)}\n`);
    else if (err instanceof ErroDeUso || err instanceof ErroDaApi) saida.avisar(`julia: ${err.message}\n`);
    else throw err;
    return err instanceof ErroDeUso || err.uso ? 2 : 1;
  }
}

function rodar(comando: Comando, pedido: Pedido, saida: Saida, a: Ambiente): Promise<number> {
  const autor = pedido.opcao("autor") ?? a.usuario;
  const url = pedido.opcao("api") ?? a.url;
  if (!/^https?:\/\/[^/]/.test(url)) throw new ErroDeUso(`--api deve ser um endereço http(s)://, não ${url}`);
  const api = criarApi({ url, token: a.token, autor, enviar: a.enviar });
  return comando.executar(pedido, { api, saida, autor, agora: a.agora });
}

function lerCom(grupo: Grupo, comando: Comando, palavras: readonly string[]): Pedido {
  try {
    const pedido = lerArgumentos(palavras, comando);
    conferirAridade(pedido, comando);
    return pedido;
  } catch (err) {
    if (!(err instanceof ErroDeUso)) throw err;
    throw new ErroDeUso(`${err.message}\nveja julia ${grupo.nome} ${comando.nome} --ajuda`, { cause: err });
  }
}

function achar<T extends { nome: string }>(de: readonly T[], nome: string, o: string, ajuda: string): T {
  const achado = de.find((x) => x.nome === nome);
  if (achado) return achado;
  throw new ErroDeUso(`${o} desconhecido ${nome}; há ${de.map((x) => x.nome).join(", ")}\nveja ${ajuda}`);
}
