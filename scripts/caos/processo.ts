import { createInterface } from "node:readline";
import { spawnTied } from "#embedded";

/** Um processo do ensaio; morre com este, aconteça o que acontecer. */
export interface Processo {
  readonly linhas: readonly string[];
  readonly vivo: boolean;
  /** A primeira linha que casa, vinda ou por vir; lança se o processo termina antes ou passam `prazoMs`. */
  ate(padrao: RegExp, prazoMs?: number): Promise<string>;
  sinal(qual: NodeJS.Signals): void;
  /** SIGKILL, e espera o fim. */
  matar(): Promise<void>;
}

/** Um computador carregado leva muitos segundos para começar um processo. */
const PRAZO_MS = 180_000;

export async function iniciar(
  comando: string,
  args: string[],
  env: Record<string, string>,
  cwd: string,
): Promise<Processo> {
  const { PATH = "", HOME = "" } = process.env;
  const { child, pid, exited } = await spawnTied(comando, args, { cwd, env: { PATH, HOME, ...env }, signal: "KILL" });
  const linhas: string[] = [];
  const ouvintes = new Set<() => void>();
  let vivo = true;
  const avisar = () => {
    for (const ouvir of [...ouvintes]) ouvir();
  };
  for (const fluxo of [child.stdout, child.stderr]) {
    if (fluxo === null) continue;
    createInterface({ input: fluxo }).on("line", (linha) => {
      linhas.push(linha);
      avisar();
    });
  }
  void exited.then(() => {
    vivo = false;
    avisar();
  });
  return {
    linhas,
    get vivo() {
      return vivo;
    },
    ate: (padrao, prazoMs = PRAZO_MS) =>
      new Promise((resolve, reject) => {
        const fim = (resultado: () => void) => {
          clearTimeout(prazo);
          ouvintes.delete(olhar);
          resultado();
        };
        const falha = (porque: string) => () =>
          reject(new Error(`${porque} antes de ${padrao}:\n${linhas.slice(-20).join("\n")}`));
        const olhar = () => {
          const achada = linhas.find((l) => padrao.test(l));
          if (achada !== undefined) fim(() => resolve(achada));
          else if (!vivo) fim(falha("o processo terminou"));
        };
        const prazo = setTimeout(() => fim(falha("prazo esgotado")), prazoMs);
        ouvintes.add(olhar);
        olhar();
      }),
    sinal(qual) {
      if (vivo) process.kill(pid, qual);
    },
    async matar() {
      if (vivo) process.kill(pid, "SIGKILL");
      await exited;
    },
  };
}
