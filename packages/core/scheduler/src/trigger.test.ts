import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { systemTimers, type Timers } from "#core/executions";
import { createDispatcher, createSender, fetchThrough, type Send } from "#core/http";
import { systemClock } from "#core/runtime";
import { createTrigger, type JobCallRequest } from "./trigger.ts";

const dispatcher = createDispatcher({ keepAliveMs: 100 });
/** What the scheduler uses, and the global `fetch`, which must be told apart by nothing but speed. */
const SENDERS: [string, Send][] = [
  ["the scheduler's sender", createSender({ keepAliveMs: 100 }).send],
  ["fetch", fetchThrough(dispatcher)],
];
const servers: Server[] = [];
afterEach(async () => {
  for (const s of servers.splice(0)) {
    s.closeAllConnections();
    s.close();
    await once(s, "close");
  }
});

async function listen(handle: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
  const server = createServer(handle);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function callThrough(
  send: Send,
  apiUrl: string,
  options: Partial<JobCallRequest> = {},
  stop = new AbortController().signal,
  timers: Timers = systemTimers,
) {
  const trigger = createTrigger({ apiUrl, token: undefined, send, clock: systemClock, timers });
  const request: JobCallRequest = {
    job: "x",
    endpoint: "/jobs/x?a=1",
    executionId: "4afb15e9-48db-400e-9ae5-b8f20bf10e18",
    slot: new Date("2026-03-02T13:00:00Z"),
    timeoutMs: 60_000, // only those that say so are about it
    ...options,
  };
  return trigger(request, stop);
}

describe.each(SENDERS)("against a real server, through %s", (_name, send) => {
  const call = (apiUrl: string, options: Partial<JobCallRequest> = {}, stop?: AbortSignal) =>
    callThrough(send, apiUrl, options, stop);

  test("posts an empty object to base plus path, slash or no slash, without authorization when there is no token", async () => {
    const seen: unknown[] = [];
    const url = await listen(async (req, res) => {
      let body = "";
      for await (const chunk of req) body += String(chunk);
      seen.push([req.method, req.url, body, req.headers["content-type"], req.headers.authorization]);
      res.end('{"processados":2}');
    });
    for (const base of [url, `${url}/`]) {
      expect(await call(base)).toEqual({
        kind: "response",
        code: 200,
        body: '{"processados":2}',
        truncated: false,
        location: null,
      });
    }
    const expected = ["POST", "/jobs/x?a=1", "{}", "application/json", undefined];
    expect(seen).toEqual([expected, expected]);
  });

  test("a redirect is an answer, not a road", async () => {
    let hits = 0;
    const url = await listen((_req, res) => {
      hits++;
      res.writeHead(301, { location: "https://elsewhere.test/jobs/x" }).end();
    });
    expect(await call(url)).toMatchObject({ kind: "response", code: 301, location: "https://elsewhere.test/jobs/x" });
    expect(hits).toBe(1);
  });

  test("a body that drips a byte at a time is cut at the deadline, and the server sees the abort", async () => {
    const gone = Promise.withResolvers<void>();
    const url = await listen((_req, res) => {
      res.writeHead(200);
      const drip = setInterval(() => res.write("."), 20);
      res.on("close", () => {
        clearInterval(drip);
        gone.resolve();
      });
    });
    // The deadline comes when the headers are here, however long they took.
    const deadline: { fire(): void } = { fire: () => undefined };
    const timers: Timers = {
      after(_ms, run) {
        deadline.fire = run;
        return () => undefined;
      },
      soon: setImmediate,
    };
    const told: Send = async (to, init) => {
      const answer = await send(to, init);
      setImmediate(() => deadline.fire());
      return answer;
    };
    expect(await callThrough(told, url, { timeoutMs: 300 }, undefined, timers)).toEqual({
      kind: "timeout",
      afterMs: 300,
      code: 200,
    });
    await gone.promise;
  });

  test("no answer at all is a timeout without code", async () => {
    const url = await listen(() => undefined);
    expect(await call(url, { timeoutMs: 200 })).toEqual({ kind: "timeout", afterMs: 200, code: null });
  });

  test("a body above 1 MiB is cut there and flagged", async () => {
    const url = await listen((_req, res) => res.writeHead(500).end("x".repeat(3 * 1024 * 1024)));
    const outcome = await call(url);
    expect(outcome).toMatchObject({ kind: "response", code: 500, truncated: true });
    expect(outcome.kind === "response" && outcome.body.length).toBe(1024 * 1024);
  });

  test("a connection cut in the middle may have been received", async () => {
    const url = await listen((req) => req.socket.destroy());
    expect(await call(url)).toMatchObject({ kind: "network", sent: true });
  });

  test("nobody listening is a refused connection that certainly sent nothing", async () => {
    const url = await listen(() => undefined);
    servers[0]?.close();
    await once(servers.splice(0)[0] as Server, "close");
    const outcome = await call(url);
    expect(outcome).toMatchObject({ kind: "network", code: "ECONNREFUSED", sent: false, host: new URL(url).host });
  });

  test("only failures from before the request left are marked as not sent", async () => {
    const failing = (code: string) => {
      const cause = Object.assign(new Error(code), { code });
      const trigger = createTrigger({
        apiUrl: "https://api.test",
        token: undefined,
        send: () => Promise.reject(new TypeError("fetch failed", { cause })),
        clock: systemClock,
        timers: systemTimers,
      });
      const slot = new Date("2026-03-02T13:00:00Z");
      const call = { job: "x", endpoint: "/jobs/x", executionId: "x", slot, timeoutMs: 1000 };
      return trigger(call, new AbortController().signal);
    };
    for (const code of ["ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]) {
      expect(await failing(code)).toEqual({ kind: "network", code, message: code, host: "api.test:443", sent: false });
    }
    for (const code of ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])
      expect(await failing(code)).toMatchObject({ sent: true });
    expect(await failing("UND_ERR_HEADERS_TIMEOUT")).toEqual({ kind: "timeout", afterMs: 1000, code: null });
  });

  test("the scheduler's stop interrupts the call", async () => {
    const stop = new AbortController();
    const url = await listen(() => stop.abort());
    expect(await call(url, {}, stop.signal)).toEqual({ kind: "interrupted", motivo: "shutdown" });
  });
});
