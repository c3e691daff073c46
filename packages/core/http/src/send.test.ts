import { createServer } from "node:net";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createSender, type Send } from "./send.ts";
import { closeLoopbacks, loopback } from "./testing/loopback.ts";

const sender = createSender({ keepAliveMs: 100 });
afterEach(closeLoopbacks);
afterAll(() => sender.close());

const post = (url: string, signal: AbortSignal, send: Send = sender.send) =>
  send(url, { method: "POST", headers: { "x-a": "1" }, body: "{}", redirect: "manual", signal });
async function textOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

describe("a sender", () => {
  test("gives status, headers and body as fetch would, and follows no redirect", async () => {
    const api = await loopback((_req, res) => res.writeHead(302, { Location: "/outro" }).end("olá"));
    const answer = await post(`${api.url}/jobs/x?a=1`, new AbortController().signal);
    expect([answer.status, answer.headers.get("LOCATION"), answer.headers.get("x-none")]).toEqual([
      302,
      "/outro",
      null,
    ]);
    expect(await textOf(answer.body)).toBe("olá");
    expect(api.requests).toEqual(["POST /jobs/x?a=1"]);
  });

  test("an aborted signal ends it at any moment: before, while waiting for a socket, before headers, in the body", async () => {
    const gone = Promise.withResolvers<void>();
    const api = await loopback((req, res) => {
      if (req.url === "/silent") return;
      res.writeHead(200).write("a");
      res.on("close", gone.resolve);
    });
    await expect(post(api.url, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });

    const one = createSender({ connections: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const silent = post(`${api.url}/silent`, first.signal, one.send);
    const queued = post(`${api.url}/silent`, second.signal, one.send);
    await api.arrived(1);
    second.abort();
    await expect(queued).rejects.toMatchObject({ name: "AbortError" });
    first.abort();
    await expect(silent).rejects.toMatchObject({ name: "AbortError" });
    expect(api.requests).toHaveLength(1);

    const third = new AbortController();
    const answer = await post(`${api.url}/drip`, third.signal);
    const reading = textOf(answer.body);
    third.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    await gone.promise;
  });

  test("a reader that has enough ends the connection", async () => {
    const gone = Promise.withResolvers<void>();
    const api = await loopback((_req, res) => {
      res.write("x".repeat(100_000));
      res.on("close", gone.resolve);
    });
    const { body } = await post(api.url, new AbortController().signal);
    for await (const chunk of body ?? []) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await gone.promise;
  });
});

/** Bytes come one a second, of the headers or of the body: no idle timer ever has a reason to ring. */
test.concurrent.each(["headers", "body"])(
  "a server that drips one byte of the %s a second is cut by our deadline",
  async (part) => {
    const whole = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      if (part === "body") socket.write(whole);
      let sent = 0;
      const drip = setInterval(() => socket.write(part === "body" ? "." : (whole[sent++] ?? "")), 1000);
      socket.on("close", () => {
        clearInterval(drip);
        server.close();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const startedMs = performance.now();
    const call = async () => {
      const answer = await post(`http://127.0.0.1:${port}`, AbortSignal.timeout(2500));
      return textOf(answer.body);
    };
    await expect(call()).rejects.toMatchObject({ name: "AbortError" });
    expect(performance.now() - startedMs).toBeGreaterThan(2400);
  },
);
