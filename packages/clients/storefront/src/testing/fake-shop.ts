import type { IncomingMessage, ServerResponse } from "node:http";
import { type Loopback, loopback } from "../../../../core/http/src/testing/loopback.ts";

export type ShopHandler = (req: IncomingMessage, res: ServerResponse) => void;

export interface FakeShop {
  /** Goes into the client: requests for any host reach this server instead, over real HTTP. */
  fetch: typeof fetch;
  server: Loopback;
  /** Host and path of each request, in order. */
  requests: string[];
  /** What `host/path` answers; HTML with status 200, or a handler. Without a line: 404. */
  pages: Map<string, string | ShopHandler>;
}

/** A storefront of our own on 127.0.0.1, standing in for every host. Closed by `closeLoopbacks`. */
export async function fakeShop(): Promise<FakeShop> {
  const pages = new Map<string, string | ShopHandler>();
  const requests: string[] = [];
  const server = await loopback((req, res) => {
    const key = decodeURIComponent(String(req.url).slice(1).split("?")[0] ?? "");
    requests.push(key);
    const page = pages.get(key);
    if (typeof page === "function") return page(req, res);
    res.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" });
    res.end(page ?? "não existe");
  });
  const send: typeof fetch = (input, init) => {
    const url = new URL(String(input));
    const there = `${server.url}/${encodeURIComponent(url.host + url.pathname)}${url.search}`;
    const { dispatcher: _unused, ...rest } = init ?? {};
    return fetch(there, rest);
  };
  return { fetch: send, server, requests, pages };
}

/** Answers with a status and headers. */
export function answers(status: number, headers: Record<string, string> = {}, body = ""): ShopHandler {
  return (_req, res) => {
    res.writeHead(status, { "content-type": "text/html", ...headers });
    res.end(body);
  };
}
