import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { canEnter, type OsUser } from "./os-user.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { spawnTied } from "./tied-process.ts";

/**
 * How PostgreSQL is told where its data is. When its OS user may not enter the folders above, the folder is given as
 * "your current directory": the kernel lets a process stay where it was put (Linux).
 */
export function dataDirArgs(dir: string, user: OsUser): { dataArg: string; cwd: string } {
  return canEnter(dirname(dir), user) ? { dataArg: dir, cwd: "/" } : { dataArg: "/proc/self/cwd", cwd: dir };
}

const STILL_WRITTEN = { maxRetries: 100, retryDelay: 50 };

/**
 * initdb into a folder beside `dir` that is renamed when it is complete: killed in between, nothing half made is left
 * under the name, and the next start clears the leftovers. Only the password opens the database, for every local user.
 */
export async function ensureCluster(
  dir: string,
  binaries: PostgresBinaries,
  user: OsUser,
  password: string,
): Promise<void> {
  if (existsSync(join(dir, "PG_VERSION"))) return;
  const parent = dirname(dir);
  const prefix = `${basename(dir)}.init-`;
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    // Its initdb ends with the process that was killed, and may write a last file while the folder is being emptied.
    if (name.startsWith(prefix)) rmSync(join(parent, name), { recursive: true, force: true, ...STILL_WRITTEN });
  }
  const fresh = join(parent, prefix + randomBytes(4).toString("hex"));
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) chownSync(fresh, user.uid, user.gid);
  const { dataArg, cwd } = dataDirArgs(fresh, user);
  const secret = mkdtempSync(join(tmpdir(), "julia-initdb-"));
  try {
    const passwordFile = join(secret, "password");
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (user.uid !== undefined && user.gid !== undefined) {
      chownSync(secret, user.uid, user.gid);
      chownSync(passwordFile, user.uid, user.gid);
    }
    const format = ["-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
    const auth = ["--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    await run(binaries.initdb, ["-D", dataArg, ...format, ...auth], { ...user, cwd });
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
  renameSync(fresh, dir);
}

/** Tied to us: a half made cluster must not go on growing while the next start removes it. */
async function run(command: string, args: string[], options: OsUser & { cwd: string }): Promise<void> {
  const { child } = await spawnTied(command, args, { ...options, signal: "KILL" });
  let output = "";
  child.stdout?.resume();
  child.stderr?.on("data", (chunk) => {
    output += String(chunk);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`initdb falhou: ${output}`);
}

/** Stops the postmaster that a killed parent may have left on `dir` (the caller holds the folder's lock). */
export async function stopLeftover(dir: string, clusterName: string): Promise<void> {
  const pidFile = join(dir, "postmaster.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  const alive = () => Number.isInteger(pid) && pid > 1 && commandLine(pid).includes(clusterName);
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!alive()) return;
    signalIfAlive(pid, signal);
    for (let waited = 0; waited < 5_000 && alive(); waited += 50) await sleep(50);
  }
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "ESRCH") throw err;
  }
}

/** Empty when there is no such process. */
function commandLine(pid: number): string {
  try {
    if (existsSync("/proc/self")) return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return "";
  }
}
