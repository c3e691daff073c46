import { Agent, Dispatcher1Wrapper } from "undici";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { createDispatcher, fetchThrough } from "./dispatcher.ts";
import { createSender } from "./send.ts";
import { closeLoopbacks, loopback } from "./testing/loopback.ts";

// One clock for the whole file: undici keeps one timer for all, and it lives on the clock it was born under.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
});
afterAll(() => {
  vi.useRealTimers();
});
afterEach(() => closeLoopbacks());

function outcome(call: Promise<unknown>): { end: string } {
  const state = { end: "pending" };
  call.then(
    () => (state.end = "answered"),
    (err: Error & { cause?: { code?: string } }) => (state.end = err.cause?.code ?? err.name),
  );
  return state;
}

/** On undici's own defaults. */
function defaultFetch(): { get(url: string): Promise<Response>; close(): Promise<void> } {
  const agent = new Agent();
  const dispatcher = new Dispatcher1Wrapper(agent) as unknown as NonNullable<RequestInit["dispatcher"]>;
  return { get: (url) => globalThis.fetch(url, { method: "POST", dispatcher }), close: () => agent.destroy() };
}

/**
 * undici gives up after 300 s by itself unless told otherwise. Time here is under the test's control, the sockets are real. In a
 * file of its own: undici keeps one timer for all, and it has to be born under the test's clock.
 */
test("a server silent for 6000 s is waited for until our deadline; a fetch on undici's defaults is given up on", async () => {
  const api = await loopback(() => undefined);
  const sender = createSender();
  const deadline = new AbortController();
  const { signal } = deadline;
  const ours = outcome(sender.send(api.url, { method: "POST", headers: {}, body: "{}", redirect: "manual", signal }));
  const defaults = defaultFetch();
  const theirs = outcome(defaults.get(api.url));
  await api.arrived(2);
  await vi.advanceTimersByTimeAsync(6_000_000);
  await vi.waitFor(() => expect(theirs.end).toBe("UND_ERR_HEADERS_TIMEOUT"), { timeout: 5000 });
  expect(ours.end).toBe("pending");
  deadline.abort();
  await vi.waitFor(() => expect(ours.end).toBe("AbortError"), { timeout: 5000 });
  await Promise.all([defaults.close(), sender.close()]);
});

test("so is one that falls silent in the middle of its answer, by the sender and by a fetch on our sockets", async () => {
  const api = await loopback((_req, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.write('{"status":');
  });
  const sender = createSender();
  const sockets = createDispatcher();
  const defaults = defaultFetch();
  const deadline = new AbortController();
  const { signal } = deadline;
  const init = { method: "POST" as const, headers: {}, body: "{}", redirect: "manual" as const, signal };
  const [sent, fetched, plain] = await Promise.all([
    sender.send(api.url, init),
    fetchThrough(sockets)(api.url, init),
    defaults.get(api.url),
  ]);
  const drain = async (body: AsyncIterable<Uint8Array> | null) => {
    let bytes = 0;
    for await (const chunk of body ?? []) bytes += chunk.length;
    return bytes;
  };
  const ours = [outcome(drain(sent.body)), outcome(fetched.text())];
  const theirs = outcome(plain.text());
  await vi.advanceTimersByTimeAsync(6_000_000);
  await vi.waitFor(() => expect(theirs.end).toBe("UND_ERR_BODY_TIMEOUT"), { timeout: 5000 });
  expect(ours.map((o) => o.end)).toEqual(["pending", "pending"]);
  deadline.abort();
  await vi.waitFor(() => expect(ours.map((o) => o.end)).toEqual(["AbortError", "AbortError"]), { timeout: 5000 });
  await Promise.all([defaults.close(), sender.close(), sockets.close()]);
});
