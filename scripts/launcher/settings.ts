import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { appConfigShape, ConfigError, loadConfig } from "#core/runtime";

export const USAGE = `./scripts/up [--demo]

  Sobe tudo em 127.0.0.1: banco, API e scheduler. Ctrl-C encerra.
  --demo  também envia as mensagens de exemplo pelo webhook e mostra as vagas que saíram delas.

  PORT                                porta da API (8000)
  DATA_DIR                            onde ficam os dados (.data)
  SUPABASE_URL, SUPABASE_SERVICE_KEY  usar este Supabase em vez do embutido
`;

const Environment = z.object({
  APP_ENV: appConfigShape.APP_ENV,
  PORT: z.coerce.number().int().min(1).max(65_535).default(8000).describe("uma porta de 1 a 65535"),
  DATA_DIR: z.string().default(".data"),
  SUPABASE_URL: z.url().optional().describe("como https://abc.supabase.co"),
  SUPABASE_SERVICE_KEY: z.string().optional(),
  JOBS_API_TOKEN: z.string().optional(),
});

export interface Settings {
  demo: boolean;
  help: boolean;
  appEnv: z.output<typeof Environment>["APP_ENV"];
  port: number;
  /** Absolute. */
  dataDir: string;
  /** Undefined: the embedded one. */
  supabase: { url: string; serviceKey: string } | undefined;
  token: string | undefined;
}

/** @throws ConfigError with every problem in words. */
export function readSettings(args: string[], env: Record<string, string | undefined>): Settings {
  const { demo, help } = parseOptions(args);
  const given = loadConfig(Environment, env);
  if ((given.SUPABASE_URL === undefined) !== (given.SUPABASE_SERVICE_KEY === undefined)) {
    throw new ConfigError([
      "SUPABASE_URL e SUPABASE_SERVICE_KEY: defina as duas, ou nenhuma para usar o banco embutido",
    ]);
  }
  return {
    demo,
    help,
    appEnv: given.APP_ENV,
    port: given.PORT,
    dataDir: resolve(given.DATA_DIR),
    supabase:
      given.SUPABASE_URL !== undefined && given.SUPABASE_SERVICE_KEY !== undefined
        ? { url: given.SUPABASE_URL, serviceKey: given.SUPABASE_SERVICE_KEY }
        : undefined,
    token: given.JOBS_API_TOKEN,
  };
}

function parseOptions(args: string[]): { demo: boolean; help: boolean } {
  try {
    const { values } = parseArgs({
      args,
      options: { demo: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
    });
    return values;
  } catch {
    throw new ConfigError([`opção desconhecida em \`${args.join(" ")}\`; veja ./scripts/up --help`]);
  }
}
