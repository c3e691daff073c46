import { createServer } from "node:net";

/** Below Linux's range for outgoing connections (32768…), so that no client socket of this machine takes the port meanwhile. */
const FIRST = 20_000;
const LAST = 32_000;

/** A TCP port of 127.0.0.1 that nobody listens on now. It is not held: whoever starts on it must be ready to try another. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) return port;
  }
  throw new Error(`Nenhuma porta livre em 127.0.0.1 entre ${FIRST} e ${LAST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
