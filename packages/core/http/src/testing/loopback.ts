import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Timer } from "../deadline.ts";

export interface Loopback {
  url: string;
  /** Method and path of each request, as it arrived. */
  requests: string[];
  /** Sockets opened so far. */
  sockets(): number;
  /** Resolves when `n` requests have arrived in all. */
  arrived(n: number): Promise<void>;
  close(): Promise<void>;
}

const open = new Set<Loopback>();

/** For `afterEach`. */
export async function closeLoopbacks(): Promise<void> {
  for (const server of [...open]) await server.close();
}

/** A real server on 127.0.0.1 for faults that an interceptor cannot play: hangs, resets, drips. */
export async function loopback(handler: (req: IncomingMessage, res: ServerResponse) => void): Promise<Loopback> {
  const requests: string[] = [];
  const waiting: { n: number; resolve: () => void }[] = [];
  let sockets = 0;
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    for (const w of waiting) if (requests.length >= w.n) w.resolve();
    handler(req, res);
  });
  server.on("connection", () => sockets++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const self: Loopback = {
    url: `http://127.0.0.1:${port}`,
    requests,
    sockets: () => sockets,
    arrived: (n) =>
      requests.length >= n ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ n, resolve })),
    async close() {
      if (!open.delete(self)) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  open.add(self);
  return self;
}

/** A timer under the test's control: nothing expires until `expire()`. */
export function manualTimer(): { timer: Timer; expire(): void; armed(): number } {
  const pending = new Set<() => void>();
  return {
    timer: (_ms, fire) => {
      pending.add(fire);
      return () => void pending.delete(fire);
    },
    expire: () => {
      for (const fire of [...pending]) fire();
    },
    armed: () => pending.size,
  };
}
