import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDb } from "#core/db";
import { createTestStack } from "#core/db-testing";

interface Ready {
  url: string;
  serviceKey: string;
  databaseUrl: string;
  pids: { postgres: number; postgrest: number };
}

const MAIN = join(import.meta.dirname, "main.ts");
let dir: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "julia-stack-test-"));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  }
  rmSync(dir, { recursive: true, force: true });
});

function launch(dataDir = join(dir, "data")): ChildProcess {
  const child = spawn(process.execPath, [MAIN, "--data-dir", dataDir, "--not-durable"], { stdio: "pipe" });
  started.push(child);
  return child;
}

/** The child's JSON line; rejects with what it said when it ends without one. */
async function readyOf(child: ChildProcess): Promise<Ready> {
  let out = "";
  let err = "";
  child.stderr?.on("data", (chunk) => (err += String(chunk)));
  return await new Promise((resolve, reject) => {
    child.stdout?.on("data", (chunk) => {
      out += String(chunk);
      if (out.includes("\n")) resolve(JSON.parse(out) as Ready);
    });
    child.once("close", (code) => reject(new Error(`código ${code}: ${err}`)));
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when none of the processes lives. */
async function untilGone(pids: readonly number[]): Promise<void> {
  const end = performance.now() + 60_000;
  while (pids.some(isAlive)) {
    if (performance.now() > end) throw new Error(`ainda vivos: ${pids.filter(isAlive)}`);
    await sleep(20);
  }
}

describe("the stack as a process of its own", () => {
  test("kill -9 of the parent leaves neither PostgreSQL nor PostgREST, and the next start has the data", async () => {
    const first = launch();
    const ready = await readyOf(first);
    const keysMode = statSync(join(dir, "data", "keys.json")).mode & 0o777;
    expect(keysMode).toBe(0o600);
    first.kill("SIGKILL");
    await untilGone([ready.pids.postgres, ready.pids.postgrest]);

    const again = await readyOf(launch());
    expect(again.serviceKey).toBe(ready.serviceKey);
  });

  test("a start right after kill -9 takes over from the postmaster that is still ending", async () => {
    const first = launch();
    const ready = await readyOf(first);
    first.kill("SIGKILL");
    const again = await readyOf(launch());
    expect(again.pids.postgres).not.toBe(ready.pids.postgres);
  });

  test("SIGTERM stops everything and exits 0", async () => {
    const child = launch();
    const ready = await readyOf(child);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    await untilGone([ready.pids.postgres, ready.pids.postgrest]);
  });

  test("a second one on the same folder is refused in words, and the first goes on", async () => {
    const ready = await readyOf(launch());
    await expect(readyOf(launch())).rejects.toThrow(/já está em uso por outro processo/);
    const answer = await fetch(`${ready.url}/rest/v1/`, { headers: { apikey: ready.serviceKey } });
    expect(answer.status).toBe(200);
  });

  test("kill -9 while the cluster is being made leaves a folder that the next start can use", async () => {
    const data = join(dir, "data");
    const child = launch();
    const end = performance.now() + 60_000;
    while (!existsSync(data) || !readdirSync(data).some((name) => name.startsWith("pg.init-"))) {
      if (performance.now() > end) throw new Error("initdb não começou");
      await sleep(5);
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(join(data, "pg"))).toBe(false);
    await readyOf(launch());
    expect(readdirSync(data).filter((name) => name.startsWith("pg.init-"))).toEqual([]);
  });
});

describe("restartPostgres", () => {
  test.each(["fast", "immediate"] as const)(
    "%s: same port, committed rows are there, the Data API answers again",
    async (mode) => {
      const stack = await createTestStack();
      try {
        await stack.sql("insert into app_settings (key, value) values ('antes', '1')");
        const before = stack.pids.postgres;
        await stack.restartPostgres(mode);
        expect(stack.pids.postgres).not.toBe(before);
        expect(await stack.sql("select value from app_settings where key = 'antes'")).toEqual([{ value: "1" }]);
        const db = createDb({ url: stack.url, key: stack.serviceKey });
        expect(await db.call("dobra", { p_texto: "É" })).toBe("e");
      } finally {
        await stack.stop();
      }
    },
  );
});
