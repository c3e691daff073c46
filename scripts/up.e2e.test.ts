import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { freePort } from "#embedded";

// Two whole starts, on a machine that may be running three other test files.
vi.setConfig({ testTimeout: 600_000 });

const root = join(import.meta.dirname, "..");
let dataDir: string;
let running: ChildProcess[];

beforeEach((ctx) => {
  if (!existsSync("/proc/self/stat")) ctx.skip("precisa de /proc para ver os processos");
  dataDir = mkdtempSync(join(tmpdir(), "julia-up-"));
  running = [];
});
afterEach(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGINT");
    await once(child, "exit");
  }
  rmSync(dataDir, { recursive: true, force: true });
});

interface Up {
  child: ChildProcess;
  port: number;
  output(): string;
}

async function up(options: { args?: string[]; port?: number } = {}): Promise<Up> {
  const port = options.port ?? (await freePort());
  const env: Record<string, string | undefined> = {
    ...process.env,
    DATA_DIR: dataDir,
    PORT: String(port),
    NODE_ENV: "",
  };
  delete env.SUPABASE_URL;
  const child = spawn(join(root, "scripts", "up"), options.args ?? [], { env, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  return { child, port, output: () => output };
}

/** Waits for the line; fails with everything that was printed. */
async function untilPrinted(it: Up, text: string): Promise<void> {
  const end = performance.now() + 200_000;
  while (!it.output().includes(text)) {
    if (it.child.exitCode !== null || performance.now() > end) throw new Error(`sem "${text}":\n${it.output()}`);
    await sleep(50);
  }
}

/** Pids of everything that the process started, directly or not. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const ppid = parentOf(Number(name));
    if (ppid !== undefined) parents.set(Number(name), ppid);
  }
  const found = [pid];
  for (const ancestor of found) for (const [child, parent] of parents) if (parent === ancestor) found.push(child);
  return found.slice(1);
}

/** Nothing for a process that has ended, also when its new parent has yet to ask how (a zombie). */
function parentOf(pid: number): number | undefined {
  try {
    const [state, ppid] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return state === "Z" ? undefined : Number(ppid);
  } catch {
    return undefined; // ended meanwhile
  }
}

function describe(pid: number): string {
  try {
    const state = /^State:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return `${pid} (${state}) ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").slice(0, 120)}`;
  } catch {
    return `${pid} (acabou agora)`;
  }
}

async function untilGone(pids: number[], deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  const alive = () => pids.filter((pid) => parentOf(pid) !== undefined);
  while (alive().length > 0) {
    if (performance.now() > end)
      throw new Error(`ainda vivos depois de ${deadlineMs} ms:\n${alive().map(describe).join("\n")}`);
    await sleep(50);
  }
}

interface DeepHealth {
  checks: Record<string, { status: string } | undefined>;
}

// One life of a data folder, for each whole start costs seconds: the promises are one after the other in it.
test("Ctrl-C encerra tudo com código 0; o segundo início acha o banco pronto, um terceiro na mesma pasta é recusado com palavras, e kill -9 não deixa processo algum", async () => {
  const first = await up();
  await untilPrinted(first, `Pronto em http://127.0.0.1:${first.port}`);
  expect((await fetch(`http://127.0.0.1:${first.port}/health/ready`)).status).toBe(200);
  const deep = (await (await fetch(`http://127.0.0.1:${first.port}/health/deep`)).json()) as DeepHealth;
  for (const check of ["environment", "project_ref", "schema_version", "tables", "supabase"]) {
    expect([check, deep.checks[check]?.status]).toEqual([check, "ok"]);
  }
  const processes = descendants(first.child.pid ?? 0);
  expect(processes.length).toBeGreaterThan(4);
  first.child.kill("SIGINT");
  expect(await once(first.child, "exit")).toEqual([0, null]);
  // They ended before it did; what is left is for the system to forget them.
  await untilGone(processes, 5_000);

  const second = await up();
  await untilPrinted(second, "Pronto em");
  expect(second.output()).not.toContain("Migrações aplicadas");

  const third = await up();
  await once(third.child, "close");
  expect(third.child.exitCode).toBe(1);
  expect(third.output()).toContain("já está em uso por outro processo");
  expect((await fetch(`http://127.0.0.1:${second.port}/health/ready`)).status).toBe(200);

  const left = descendants(second.child.pid ?? 0);
  expect(left.length).toBeGreaterThan(4);
  second.child.kill("SIGKILL");
  // The promise is 5 s; a machine that runs three such stacks on two cores gets three times that.
  await untilGone(left, 15_000);
});

test("uma porta ocupada e uma configuração errada são ditas antes de começar", async () => {
  const occupied = createServer().listen(0, "127.0.0.1");
  await once(occupied, "listening");
  const port = (occupied.address() as AddressInfo).port;
  const refused = await up({ port });
  await once(refused.child, "close");
  occupied.close();
  expect(refused.child.exitCode).toBe(1);
  expect(refused.output()).toContain(`A porta ${port} não está livre`);

  const wrong = await up({ args: ["--nada"] });
  await once(wrong.child, "close");
  expect(wrong.output()).toContain("opção desconhecida em `--nada`");
});
