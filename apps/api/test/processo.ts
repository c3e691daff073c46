import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const RAIZ = join(import.meta.dirname, "../../..");
/** Um processo já levou 14 s para começar num computador de dois núcleos com a suíte inteira; outro pode ser três vezes mais lento. */
const PRAZO_INICIO_MS = 150_000;

/** Um processo do produto, começado por `entrypoint.sh` como a imagem o começa. */
export interface Processo {
  readonly pid: number;
  /** Onde a API escuta; vazio nos outros modos. */
  readonly url: string;
  /** As linhas de stdout e stderr até agora. */
  readonly linhas: readonly string[];
  matar(): Promise<void>;
  /** SIGTERM; responde o código de saída. */
  encerrar(): Promise<number | null>;
  /** Responde quando uma linha contém o texto. */
  ate(texto: string): Promise<string>;
}

export interface OpcoesProcesso {
  modo: string;
  env: Record<string, string>;
  /** Texto da linha que diz que começou. */
  pronto: string;
}

const vivos = new Set<ChildProcess>();

/** Mata o que um teste que falhou deixou; para `afterAll`. */
export function matarSobras(): void {
  for (const filho of vivos) filho.kill("SIGKILL");
}

export async function iniciar({ modo, env, pronto }: OpcoesProcesso): Promise<Processo> {
  const filho = spawn(join(RAIZ, "entrypoint.sh"), {
    cwd: RAIZ,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", RUN_MODE: modo, APP_ENV: "test", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  vivos.add(filho);
  // `close` e não `exit`: só então tudo o que escreveu foi lido.
  const saida = once(filho, "close").finally(() => vivos.delete(filho));
  const linhas: string[] = [];
  const ouvintes = new Set<() => void>();
  for (const fluxo of [filho.stdout, filho.stderr]) {
    createInterface({ input: fluxo }).on("line", (linha) => {
      linhas.push(linha);
      for (const ouvir of ouvintes) ouvir();
    });
  }
  const ate = (texto: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const falhar = (porque: string) => {
        ouvintes.delete(olhar);
        clearTimeout(prazo);
        reject(new Error(`${porque} antes de "${texto}":\n${linhas.join("\n")}`));
      };
      const prazo = setTimeout(() => falhar("prazo esgotado"), PRAZO_INICIO_MS);
      const olhar = () => {
        const achada = linhas.find((l) => l.includes(texto));
        if (achada === undefined) return;
        ouvintes.delete(olhar);
        clearTimeout(prazo);
        resolve(achada);
      };
      ouvintes.add(olhar);
      void saida.then(() => falhar("o processo terminou"));
      olhar();
    });
  const linha = await ate(pronto);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(linha)?.[0] ?? "";
  return {
    pid: filho.pid ?? 0,
    url,
    linhas,
    ate,
    async matar() {
      filho.kill("SIGKILL");
      await saida;
    },
    async encerrar() {
      filho.kill("SIGTERM");
      const [codigo] = (await saida) as [number | null];
      return codigo;
    },
  };
}

export function iniciarApi(banco: { url: string; serviceKey: string }, env: Record<string, string> = {}) {
  return iniciar({
    modo: "api",
    pronto: "API escutando em",
    env: { PORT: "0", SUPABASE_URL: banco.url, SUPABASE_SERVICE_KEY: banco.serviceKey, ...env },
  });
}

/** Um pedido com prazo; uma conexão recusada ou cortada é `null`, como num processo morto. */
export async function pedir(url: string, init: RequestInit = {}): Promise<{ status: number; corpo: unknown } | null> {
  try {
    const r = await fetch(url, { signal: AbortSignal.timeout(120_000), ...init });
    const texto = await r.text();
    return { status: r.status, corpo: texto === "" ? null : JSON.parse(texto) };
  } catch (err) {
    if (err instanceof TypeError) return null;
    throw err;
  }
}
