import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppProcess } from "./app-process.ts";

const DEADLINE_MS = 60_000;
const EVERY_MS = 100;

/**
 * Resolves when `GET <url>/health/ready` answers 200.
 *
 * @throws Error with the app's last words when it ends before, or is not ready within 60 s.
 */
export async function untilReady(url: string, app: AppProcess): Promise<void> {
  let ended = false;
  void app.exited.then(() => {
    ended = true;
  });
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    if (ended) throw new Error(`${app.name} terminou antes de ficar pronto:\n${app.tail()}`);
    if (performance.now() > end) throw new Error(`${app.name} não ficou pronto em 60 s:\n${app.tail()}`);
    if (await answers(`${url}/health/ready`)) return;
    await sleep(EVERY_MS);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // not listening yet
  }
}

/** @throws Error in words when something already listens on the port. */
export async function demandFreePort(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once("error", (cause) => {
      const words = `A porta ${port} não está livre (${(cause as NodeJS.ErrnoException).code}). Pare o outro processo ou escolha outra: PORT=${port + 1} ./scripts/up`;
      reject(new Error(words));
    });
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
}
