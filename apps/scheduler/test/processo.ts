import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const RAIZ = join(import.meta.dirname, "../../..");
/** Um processo já levou 14 s para começar num computador de dois núcleos com a suíte inteira; outro pode ser três vezes mais lento. */
const PRAZO_MS = 150_000;

/** Um scheduler começado por `entrypoint.sh`, como a imagem o começa. */
export interface Processo {
  readonly linhas: readonly string[];
  /** Responde quando uma linha casa; falha depois do prazo ou se o processo termina antes. */
  ate(padrao: RegExp): Promise<string>;
  sinal(qual: NodeJS.Signals): void;
  /** Código de saída. */
  readonly saida: Promise<number | null>;
}

const vivos = new Set<ChildProcess>();

/** Mata o que um teste que falhou deixou; para `afterEach`. */
export function matarSobras(): void {
  for (const filho of vivos) filho.kill("SIGKILL");
}

export function iniciar(env: Record<string, string>): Processo {
  const filho = spawn(join(RAIZ, "entrypoint.sh"), {
    cwd: RAIZ,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", APP_ENV: "test", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  vivos.add(filho);
  const linhas: string[] = [];
  const ouvintes = new Set<() => void>();
  const avisar = () => {
    for (const ouvir of [...ouvintes]) ouvir();
  };
  for (const fluxo of [filho.stdout, filho.stderr]) {
    createInterface({ input: fluxo }).on("line", (linha) => {
      linhas.push(linha);
      avisar();
    });
  }
  let terminou = false;
  const saida = once(filho, "close").then(([codigo]) => {
    vivos.delete(filho);
    terminou = true;
    avisar();
    return codigo as number | null;
  });
  return {
    linhas,
    saida,
    sinal: (qual) => void filho.kill(qual),
    ate: (padrao) =>
      new Promise((resolve, reject) => {
        const fim = (resultado: () => void) => {
          clearTimeout(prazo);
          ouvintes.delete(olhar);
          resultado();
        };
        const falha = (porque: string) => () =>
          reject(new Error(`${porque} antes de ${padrao}:\n${linhas.join("\n")}`));
        const olhar = () => {
          const achada = linhas.find((l) => padrao.test(l));
          if (achada !== undefined) fim(() => resolve(achada));
          else if (terminou) fim(falha("o processo terminou"));
        };
        const prazo = setTimeout(() => fim(falha("prazo esgotado")), PRAZO_MS);
        ouvintes.add(olhar);
        olhar();
      }),
  };
}

export interface ApiFalsa {
  readonly url: string;
  readonly pedidos: { rota: string; chave: string; token: string }[];
  /** Vale para as chamadas seguintes. */
  readonly atrasos: Record<string, number | null>;
  fechar(): Promise<void>;
}

/** Uma API que responde `{"status":"ok","processados":7}` depois do atraso da rota; `null`: nunca responde. */
export async function apiFalsa(atrasos: Record<string, number | null> = {}): Promise<ApiFalsa> {
  const pedidos: ApiFalsa["pedidos"] = [];
  const servidor = createServer((req, res) => {
    const rota = new URL(req.url ?? "/", "http://x").pathname;
    const { "idempotency-key": chave = "", authorization: token = "" } = req.headers;
    pedidos.push({ rota, chave: String(chave), token });
    const atraso = atrasos[rota] === undefined ? 0 : atrasos[rota];
    if (atraso !== null) setTimeout(() => res.end('{"status":"ok","processados":7}'), atraso);
  });
  servidor.listen(0, "127.0.0.1");
  await once(servidor, "listening");
  return {
    url: `http://127.0.0.1:${(servidor.address() as AddressInfo).port}`,
    pedidos,
    atrasos,
    async fechar() {
      servidor.closeAllConnections();
      servidor.close();
      await once(servidor, "close");
    },
  };
}
