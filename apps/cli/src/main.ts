import { userInfo } from "node:os";
import { createDispatcher, fetchThrough } from "#core/http";
import { ConfigError, errorMessage, loadConfig, systemClock } from "#core/runtime";
import type { Grupo } from "./comando.ts";
import { CliConfig } from "./config.ts";
import { executarCli } from "./executar-cli.ts";
import { jobs } from "./jobs/index.ts";

/** Os grupos de comandos; um novo entra aqui. */
const GRUPOS: readonly Grupo[] = [jobs];

async function main(): Promise<number> {
  const config = loadConfig(CliConfig, process.env);
  // `julia jobs ls | head`: quem lia foi embora, e isso não é um erro.
  process.stdout.on("error", (err: NodeJS.ErrnoException) => process.exit(err.code === "EPIPE" ? 0 : 1));
  const dispatcher = createDispatcher({ connections: 4 });
  const terminal = process.stdout.isTTY === true;
  try {
    return await executarCli(process.argv.slice(2), GRUPOS, {
      saida: {
        escrever: (texto) => void process.stdout.write(texto),
        avisar: (texto) => void process.stderr.write(texto),
        terminal,
        colunas: process.stdout.columns ?? 80,
        cores: terminal && config.NO_COLOR === undefined,
      },
      url: config.JULIA_API_URL,
      token: config.JOBS_API_TOKEN,
      usuario: usuarioDoSistema(),
      enviar: fetchThrough(dispatcher),
      agora: () => systemClock.now(),
    });
  } finally {
    await dispatcher.close();
  }
}

function usuarioDoSistema(): string {
  try {
    return userInfo().username;
  } catch {
    return "desconhecido"; // num contêiner o usuário pode não ter nome
  }
}

main().then(
  (codigo) => {
    process.exitCode = codigo;
  },
  (err: unknown) => {
    process.stderr.write(`julia: ${err instanceof ConfigError ? err.message : errorMessage(err)}\n`);
    process.exitCode = err instanceof ConfigError ? 2 : 1;
  },
);
