import { Agent, Dispatcher1Wrapper } from "undici";
import { afterEach, expect, test, vi } from "vitest";
import { createSender } from "./send.ts";
import { closeLoopbacks, loopback } from "./testing/loopback.ts";

afterEach(async () => {
  vi.useRealTimers();
  await closeLoopbacks();
});

function outcome(call: Promise<unknown>): { end: string } {
  const state = { end: "pending" };
  call.then(
    () => (state.end = "answered"),
    (err: Error & { cause?: { code?: string } }) => (state.end = err.cause?.code ?? err.name),
  );
  return state;
}

/**
 * undici gives up after 300 s by itself unless told otherwise. Time here is under the test's control, the sockets are real. In a
 * file of its own: undici keeps one timer for all, and it has to be born under the test's clock.
 */
test("a server silent for 6000 s is waited for until our deadline; a fetch on undici's defaults is given up on", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  const api = await loopback(() => undefined);
  const sender = createSender();
  const deadline = new AbortController();
  const { signal } = deadline;
  const ours = outcome(sender.send(api.url, { method: "POST", headers: {}, body: "{}", redirect: "manual", signal }));
  const defaults = new Agent();
  const dispatcher = new Dispatcher1Wrapper(defaults) as unknown as NonNullable<RequestInit["dispatcher"]>;
  const theirs = outcome(globalThis.fetch(api.url, { method: "POST", dispatcher }));
  await api.arrived(2);
  await vi.advanceTimersByTimeAsync(6_000_000);
  await vi.waitFor(() => expect(theirs.end).toBe("UND_ERR_HEADERS_TIMEOUT"), { timeout: 5000 });
  expect(ours.end).toBe("pending");
  deadline.abort();
  await vi.waitFor(() => expect(ours.end).toBe("AbortError"), { timeout: 5000 });
  await Promise.all([defaults.destroy(), sender.close()]);
});
