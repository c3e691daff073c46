import { createHash } from "node:crypto";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** PostgREST's Unix socket. */
  socketPath: string;
  /** API key → role token that PostgREST understands. */
  tokens: ReadonlyMap<string, string>;
}

const PREFIX = "/rest/v1";
/** PostgREST closes idle connections after 30 s; we do it sooner, so that none is closed while we write on it. */
const IDLE_MS = 10_000;

/**
 * What Supabase's front door does for the Data API: `/rest/v1/*`, and an opaque key in `apikey` becomes the role's token.
 * A bearer token of the caller's own is passed on.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const agent = new Agent({ keepAlive: true, maxSockets: 128, timeout: IDLE_MS });
  // Compared as digests: how long a look-up takes tells nothing about the keys.
  const tokens = new Map([...options.tokens].map(([key, token]) => [digest(key), token]));

  const server = createServer({ maxHeaderSize: 32_768, keepAliveTimeout: 65_000 }, (req, res) => {
    const path = req.url ?? "/";
    if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return refuse(res, 404, "no such path");
    const key = req.headers.apikey;
    const token = typeof key === "string" ? tokens.get(digest(key)) : undefined;
    if (token === undefined) return refuse(res, 401, "Invalid API key");

    const { apikey: _apikey, host: _host, ...headers } = req.headers;
    const bearer = headers.authorization;
    if (bearer === undefined || bearer === `Bearer ${key}` || bearer.startsWith("Bearer sb_")) {
      headers.authorization = `Bearer ${token}`;
    }
    const { socketPath } = options;
    const upstream = request(
      { socketPath, agent, method: req.method, path: path.slice(PREFIX.length) || "/", headers },
      (answer) => forward(answer, res),
    );
    upstream.once("error", (err) => {
      if (res.headersSent) res.destroy();
      else refuse(res, 502, err.message);
    });
    res.once("close", () => {
      if (!res.writableFinished) upstream.destroy(); // the caller left
    });
    req.pipe(upstream);
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function forward(answer: IncomingMessage, res: ServerResponse): void {
  res.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.once("error", () => res.destroy()); // half an answer must not look like a whole one
  answer.pipe(res);
}

function refuse(res: ServerResponse, status: number, message: string): void {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
}

function digest(key: string): string {
  return createHash("sha256").update(key).digest("base64");
}
