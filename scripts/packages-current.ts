/**
 * Exit 0 when node_modules holds what package-lock.json asks for, else 1. Runs before any package is installed, so it may
 * import only from Node. npm writes node_modules/.package-lock.json last, so an interrupted install is seen as stale.
 * `--stamp` records "npm did what it could for this lockfile": an optional package that cannot be had is not retried.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface LockEntry {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

const root = join(import.meta.dirname, "..");
const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
const lockHash = createHash("sha256").update(lockText).digest("hex");
const stampFile = join(root, "node_modules", ".julia-lock");
const installedFile = join(root, "node_modules", ".package-lock.json");

function packagesOf(text: string): Record<string, LockEntry> {
  return (JSON.parse(text) as { packages: Record<string, LockEntry> }).packages;
}

function wantedHere(entry: LockEntry): boolean {
  if (entry.os && !entry.os.includes(process.platform)) return false;
  if (entry.cpu && !entry.cpu.includes(process.arch)) return false;
  return true;
}

function isCurrent(): boolean {
  if (!existsSync(installedFile)) return false;
  const installed = packagesOf(readFileSync(installedFile, "utf8"));
  const gaveUp = existsSync(stampFile) && readFileSync(stampFile, "utf8") === lockHash;
  return Object.entries(packagesOf(lockText)).every(([path, entry]) => {
    if (path === "" || !wantedHere(entry)) return true;
    // npm leaves out optional packages of another libc, and what only left-out packages need.
    if (entry.optional && (gaveUp || entry.libc || !entry.os)) return true;
    return installed[path]?.version === entry.version;
  });
}

if (process.argv.includes("--stamp")) writeFileSync(stampFile, lockHash);
else process.exitCode = isCurrent() ? 0 : 1;
