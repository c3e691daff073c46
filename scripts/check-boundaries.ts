/**
 * The house rules that neither the compiler nor the linter knows: who may import whom, one door per library, where time and
 * environment are read, size and names of files. Prints every finding and exits 1 when there is one.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { importFindings } from "./boundaries/import-rules.ts";
import { textFindings } from "./boundaries/text-rules.ts";

const root = join(import.meta.dirname, "..");
/** Tracked files and new ones that git does not ignore; the checkout may belong to another user (containers). */
const files = execFileSync(
  "git",
  ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
  {
    cwd: root,
    encoding: "utf8",
  },
)
  .split("\0")
  .filter((path) => existsSync(join(root, path)));

const isTypeScript = (path: string) => path.endsWith(".ts") && !path.endsWith(".gen.ts");
const isShell = (path: string) => path.endsWith(".sh") || /^(scripts|\.ci)\/[a-z-]+$/.test(path);
const isMigration = (path: string) => /^supabase\/(migrations\/.*|seed)\.sql$/.test(path);

const findings = files.flatMap((path) => {
  if (!isTypeScript(path) && !isShell(path) && !isMigration(path)) return [];
  const source = readFileSync(join(root, path), "utf8");
  return [...(isTypeScript(path) ? importFindings(path, source) : []), ...textFindings(path, source)];
});
for (const finding of findings) console.error(finding);
if (findings.length > 0) {
  console.error(`${findings.length} achado(s) nas regras da casa`);
  process.exitCode = 1;
}
