import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDispatcher, publicOnlyLookup } from "#core/http";
import { fixedClock, silentLogger } from "#core/runtime";
import { closeLoopbacks, manualTimer } from "../../../core/http/src/testing/loopback.ts";
import { createStorefront, type StorefrontOptions } from "./storefront-client.ts";
import { answers, type FakeShop, fakeShop } from "./testing/fake-shop.ts";

const HOST = "produto.mercadolivre.com.br";
const URL_1 = `https://${HOST}/MLB-1-fone`;
const clock = fixedClock("2026-03-10T12:00:00Z");

let shop: FakeShop;
let turns: string[];
beforeEach(async () => {
  shop = await fakeShop();
  turns = [];
});
afterEach(closeLoopbacks);

function client(more: Partial<StorefrontOptions> = {}) {
  return createStorefront({
    hosts: ["mercadolivre.com.br", "mercadolivre.com", "meli.la"],
    fetch: shop.fetch,
    clock,
    log: silentLogger,
    waitTurn: async (host) => void turns.push(host),
    ...more,
  });
}
const ask = (url = URL_1, more: Partial<StorefrontOptions> = {}) =>
  client(more).fetchPage(url, { signal: new AbortController().signal });
const page = (path: string, what: string | ReturnType<typeof answers>) => shop.pages.set(path, what);
const redirect = (to: string, status = 302) => answers(status, { location: to });

describe("answers", () => {
  test("200 with HTML is a page; every request waited for its turn and looked like a browser's", async () => {
    let headers: Record<string, unknown> = {};
    page(`${HOST}/MLB-1-fone`, (req, res) => {
      headers = req.headers;
      res.setHeader("content-type", "text/html; charset=utf-8");
      res.end("<h1>fône</h1>");
    });
    expect(await ask()).toEqual({ kind: "page", url: URL_1, html: "<h1>fône</h1>" });
    expect(turns).toEqual([HOST, HOST]); // robots.txt and the page
    expect(headers).toMatchObject({ "accept-language": expect.stringContaining("pt-BR") });
    expect(headers["user-agent"]).toMatch(/^Mozilla\/5\.0 .*Chrome/);
  });
  test("another charset is decoded, an unknown one does no harm", async () => {
    page(`${HOST}/MLB-1-fone`, (_req, res) => {
      res.setHeader("content-type", "text/html; charset=iso-8859-1");
      res.end(Buffer.from("preço", "latin1"));
    });
    expect(await ask()).toMatchObject({ html: "preço" });
    page(`${HOST}/MLB-1-fone`, answers(200, { "content-type": "text/html; charset=nope" }, "R$ 1"));
    expect(await ask()).toMatchObject({ html: "R$ 1" });
  });
  test.each([404, 410])("%i is gone", async (status) => {
    page(`${HOST}/MLB-1-fone`, answers(status));
    expect(await ask()).toEqual({ kind: "gone", status });
  });
  test("429 is a block with its Retry-After, in seconds or as a date; 403 is one without", async () => {
    page(`${HOST}/MLB-1-fone`, answers(429, { "retry-after": "120" }));
    expect(await ask()).toEqual({ kind: "blocked", motivo: "HTTP 429", status: 429, retryAfterMs: 120_000 });
    page(`${HOST}/MLB-1-fone`, answers(429, { "retry-after": "Tue, 10 Mar 2026 12:05:00 GMT" }));
    expect(await ask()).toMatchObject({ retryAfterMs: 300_000 });
    page(`${HOST}/MLB-1-fone`, answers(403));
    expect(await ask()).toEqual({ kind: "blocked", motivo: "HTTP 403", status: 403, retryAfterMs: null });
  });
  test("5xx, other statuses and what is not HTML fail with their reason, after one request each", async () => {
    page(`${HOST}/MLB-1-fone`, answers(503));
    expect(await ask()).toEqual({ kind: "failed", motivo: "HTTP 503" });
    page(`${HOST}/MLB-1-fone`, answers(200, { "content-type": "application/json" }, "{}"));
    expect(await ask()).toEqual({ kind: "failed", motivo: "a resposta não é HTML" });
    expect(shop.requests.filter((r) => !r.endsWith("robots.txt"))).toHaveLength(2);
  });
  test("a reset connection fails with its reason", async () => {
    page(`${HOST}/MLB-1-fone`, (req) => req.socket.destroy());
    expect(await ask()).toMatchObject({ kind: "failed", motivo: expect.stringContaining("loja não respondeu") });
  });
  test("a page that does not come within 15 s fails; the caller's own abort is thrown", async () => {
    page(`${HOST}/robots.txt`, "");
    page(`${HOST}/MLB-1-fone`, () => undefined);
    const { timer, expire } = manualTimer();
    const late = ask(URL_1, { timer });
    await shop.server.arrived(2);
    expire();
    expect(await late).toEqual({ kind: "failed", motivo: expect.stringContaining("não respondeu em 15000 ms") });

    const caller = new AbortController();
    const given = client().fetchPage(URL_1, { signal: caller.signal });
    await shop.server.arrived(4);
    caller.abort(new Error("encerrando"));
    await expect(given).rejects.toThrow("encerrando");
  });
});

describe("redirects", () => {
  test("up to three are followed within the list, each with its own turn", async () => {
    page("meli.la/abc", redirect("https://www.mercadolivre.com.br/r1", 301));
    page("www.mercadolivre.com.br/r1", redirect("/r2", 307));
    page("www.mercadolivre.com.br/r2", redirect(`${URL_1}?utm=1`, 308));
    page(`${HOST}/MLB-1-fone`, "ok");
    expect(await ask("https://meli.la/abc")).toEqual({ kind: "page", url: `${URL_1}?utm=1`, html: "ok" });
    expect(turns.filter((h) => h === "www.mercadolivre.com.br")).toHaveLength(3); // robots.txt, r1, r2
  });
  test("a fourth one is not", async () => {
    for (const i of [0, 1, 2, 3]) page(`meli.la/${i}`, redirect(`/${i + 1}`));
    page("meli.la/4", "ok");
    expect(await ask("https://meli.la/0")).toEqual({ kind: "failed", motivo: "mais de 3 redirecionamentos" });
    expect(shop.requests).not.toContain("meli.la/4");
  });
  test.each([
    "http://produto.mercadolivre.com.br/x",
    "https://evil.example/x",
    "https://u:p@mercadolivre.com.br/x",
    "https://mercadolivre.com.br:8443/x",
    "http://127.0.0.1/x",
    "https://169.254.169.254/latest/meta-data",
    "//evil.example/x",
    "file:///etc/passwd",
    "https://[::1]/",
    "https://",
  ])("to %s: refused, and nothing is asked there", async (to) => {
    page(`${HOST}/MLB-1-fone`, redirect(to));
    expect(await ask()).toEqual({ kind: "refused", motivo: "url" });
    expect(shop.requests).toEqual([`${HOST}/robots.txt`, `${HOST}/MLB-1-fone`]);
  });
  test.each(["/gz/account-verification?go=x", "/login", "/jms/mlb/lgz/login?x=1", "/captcha/v2"])(
    "to %s is a block, recognised without asking for it",
    async (to) => {
      page(`${HOST}/MLB-1-fone`, redirect(`https://www.mercadolivre.com.br${to}`));
      expect(await ask()).toMatchObject({ kind: "blocked", status: null, retryAfterMs: null });
      expect(shop.requests).toHaveLength(2);
    },
  );
});

describe("what is never asked for", () => {
  test.each(["http://localhost/x", "https://evil.example/x", "https://www.mercadolivre.com.br/login", "x"])(
    "%s: no request at all",
    async (url) => {
      expect(await ask(url)).toEqual({ kind: "refused", motivo: "url" });
      expect([shop.requests, turns]).toEqual([[], []]);
    },
  );
  test("a name of the list that resolves to this machine is refused at the socket", async () => {
    const lookup = publicOnlyLookup({
      resolve: (_host, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]),
    });
    const dispatcher = createDispatcher({ lookup });
    const real: typeof fetch = (input, init) => fetch(input, init);
    expect(await ask(URL_1, { dispatcher, fetch: real })).toEqual({ kind: "refused", motivo: "url" });
    expect(shop.server.sockets()).toBe(0);
    await dispatcher.close();
  });
});

describe("robots.txt", () => {
  test("what it forbids is not asked for; it is read once an hour per host", async () => {
    page(`${HOST}/robots.txt`, answers(200, { "content-type": "text/plain" }, "User-agent: *\nDisallow: /MLB-1"));
    page(`${HOST}/MLB-2`, "ok");
    const source = client();
    const get = (path: string) => source.fetchPage(`https://${HOST}${path}`, { signal: new AbortController().signal });
    expect(await get("/MLB-1-fone")).toEqual({ kind: "refused", motivo: "robots" });
    expect(await get("/MLB-2")).toMatchObject({ kind: "page" });
    expect(shop.requests).toEqual([`${HOST}/robots.txt`, `${HOST}/MLB-2`]);
    clock.advanceMs(3_600_001);
    await get("/MLB-2");
    expect(shop.requests.filter((r) => r.endsWith("robots.txt"))).toHaveLength(2);
  });
  test("a redirect into forbidden ground is not followed", async () => {
    page(`${HOST}/robots.txt`, answers(200, {}, "User-agent: *\nDisallow: /gz/"));
    page(`${HOST}/MLB-1-fone`, redirect("/gz/cart"));
    expect(await ask()).toEqual({ kind: "refused", motivo: "robots" });
  });
  test("pages at once share one reading", async () => {
    page(`${HOST}/MLB-1-fone`, "ok");
    const source = client();
    const signal = new AbortController().signal;
    await Promise.all([1, 2, 3].map(() => source.fetchPage(URL_1, { signal })));
    expect(shop.requests.filter((r) => r.endsWith("robots.txt"))).toHaveLength(1);
  });
  test("one asker's abort is not the others'", async () => {
    page(`${HOST}/robots.txt`, () => undefined);
    page(`${HOST}/MLB-1-fone`, "ok");
    const source = client();
    const first = new AbortController();
    const a = source.fetchPage(URL_1, { signal: first.signal });
    const b = source.fetchPage(URL_1, { signal: new AbortController().signal });
    await shop.server.arrived(1);
    page(`${HOST}/robots.txt`, "");
    first.abort(new Error("fim"));
    await expect(a).rejects.toThrow("fim");
    expect(await b).toMatchObject({ kind: "page" });
  });
  test("unreadable, the host counts as closed for a minute; 429 there is a block", async () => {
    page(`${HOST}/robots.txt`, answers(500));
    page(`${HOST}/MLB-1-fone`, "ok");
    const source = client();
    const get = () => source.fetchPage(URL_1, { signal: new AbortController().signal });
    expect(await get()).toEqual({ kind: "failed", motivo: "robots.txt: HTTP 500" });
    await get();
    expect(shop.requests).toEqual([`${HOST}/robots.txt`]);
    clock.advanceMs(60_001);
    page(`${HOST}/robots.txt`, answers(429, { "retry-after": "60" }));
    expect(await get()).toMatchObject({ kind: "blocked", retryAfterMs: 60_000 });
    page(`${HOST}/robots.txt`, answers(404));
    expect(await get()).toMatchObject({ kind: "page" });
  });
});

describe("hostile bodies", () => {
  const MB = Buffer.alloc(1024 * 1024, "a");
  test("more than 5 MB, announced: refused before it is read", async () => {
    page(`${HOST}/MLB-1-fone`, answers(200, { "content-length": String(6 * MB.length) }, ""));
    expect(await ask()).toMatchObject({ kind: "failed", motivo: expect.stringContaining("corpo maior que 5242880") });
  });
  test("without end: cut at 5 MB", async () => {
    let sent = 0;
    page(`${HOST}/MLB-1-fone`, (_req, res) => {
      res.setHeader("content-type", "text/html");
      const more = () => {
        while (!res.destroyed && res.write(MB)) sent++;
      };
      res.on("drain", more);
      more();
    });
    expect(await ask()).toMatchObject({ kind: "failed", motivo: expect.stringContaining("corpo maior") });
    expect(sent).toBeLessThan(50);
  });
  test("small on the wire and 20 MB unpacked: cut at 5 MB", async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
    page(`${HOST}/MLB-1-fone`, (_req, res) => {
      res.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" });
      res.end(bomb);
    });
    expect(await ask()).toMatchObject({ kind: "failed", motivo: expect.stringContaining("corpo maior") });
  });
});
