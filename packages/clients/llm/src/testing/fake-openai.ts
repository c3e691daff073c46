import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the fake does with one request. */
export type Behaviour =
  /** A completion whose content is this value as JSON. */
  | { kind: "answer"; json: unknown; usage?: { prompt_tokens: number; completion_tokens: number } }
  /** A completion with this very content. */
  | { kind: "text"; content: string }
  /** `finish_reason: "length"`, the content cut in the middle. */
  | { kind: "length" }
  | { kind: "content_filter" }
  | { kind: "refusal" }
  /** 200 whose body is not a completion: a gateway's `{"error": …}`. */
  | { kind: "error_in_200" }
  /** 200 with a page instead of JSON, labelled as JSON. */
  | { kind: "html" }
  | { kind: "status"; status: number; headers?: Record<string, string>; error?: { message?: string; param?: string } }
  /** As `answer`, after this long. */
  | { kind: "slow"; ms: number; json: unknown }
  /** Accepts the request and never answers. */
  | { kind: "hang" }
  /** Closes the connection instead of answering. */
  | { kind: "reset" }
  /** Half of the announced body, then closes the connection. */
  | { kind: "cut" }
  /** Headers, then one byte every `everyMs` for ever. */
  | { kind: "drip"; everyMs: number };

export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string; json_schema?: { name: string; strict?: boolean; schema: Record<string, unknown> } };
  [field: string]: unknown;
}

export interface FakeOpenAi {
  /** For `OPENAI_BASE_URL`. */
  readonly baseUrl: string;
  /** Bodies of the chat requests received, in order. */
  readonly requests: ChatRequest[];
  /** Behaviours for the next requests, one each; when none is left, `otherwise` decides. */
  script(...behaviours: Behaviour[]): void;
  /** Default: 500. */
  otherwise(respond: (request: ChatRequest) => Behaviour): void;
  /** As freshly started: nothing received, nothing scripted. */
  reset(): void;
  /** Resolves when `n` chat requests have arrived since the start or the last reset. */
  arrived(n: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A local server with the wire contract of `POST /v1/chat/completions`: statuses, error bodies, completions, and the faults
 * a network adds. In a test process, or as a program: `node fake-openai.ts [porta]`, scripted by `POST /__script` with a JSON
 * list of behaviours; `GET /__requests` answers what arrived.
 */
export async function startFakeOpenAi(options: { port?: number; apiKey?: string } = {}): Promise<FakeOpenAi> {
  const requests: ChatRequest[] = [];
  const queue: Behaviour[] = [];
  const waiting: { n: number; resolve: () => void }[] = [];
  const drips = new Set<NodeJS.Timeout>();
  const serverError = (): Behaviour => ({ kind: "status", status: 500 });
  let respond: (request: ChatRequest) => Behaviour = serverError;

  const server = createServer(async (req, res) => {
    const body = await read(req);
    if (req.url === "/__requests") {
      json(res, 200, requests);
      return;
    }
    if (req.url === "/__script") {
      queue.push(...(JSON.parse(body) as Behaviour[]));
      json(res, 200, { na_fila: queue.length });
      return;
    }
    const request = parse(body);
    const wrongKey = options.apiKey !== undefined && req.headers.authorization !== `Bearer ${options.apiKey}`;
    if (req.method !== "POST" || req.url !== "/v1/chat/completions") fail(res, 404, { message: "Not found" });
    else if (wrongKey) fail(res, 401, { message: "Incorrect API key provided" });
    else if (!request) fail(res, 400, { message: "Invalid body" });
    if (!request || res.headersSent) return;
    requests.push(request);
    for (const w of waiting) if (requests.length >= w.n) w.resolve();
    play(queue.shift() ?? respond(request), request, req, res);
  });

  function play(what: Behaviour, request: ChatRequest, req: IncomingMessage, res: ServerResponse): void {
    const body = bodyOf(what, request);
    if (body) json(res, 200, body);
    else if (what.kind === "html") {
      res.writeHead(200, { "content-type": "application/json" }).end("<html>maintenance</html>");
    } else if (what.kind === "status") {
      fail(res, what.status, what.error ?? { message: `HTTP ${what.status}` }, what.headers);
    } else if (what.kind === "slow") {
      const timer = setTimeout(() => play({ kind: "answer", json: what.json }, request, req, res), what.ms);
      res.on("close", () => clearTimeout(timer));
    } else if (what.kind === "reset") {
      req.socket.destroy();
    } else if (what.kind === "cut") {
      const whole = JSON.stringify(completion(request, { content: "{}" }));
      res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(whole) });
      res.write(whole.slice(0, whole.length / 2), () => req.socket.destroy());
    } else if (what.kind === "drip") {
      res.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => res.write(" "), what.everyMs);
      drips.add(timer);
      res.on("close", () => clearInterval(timer));
    }
    // "hang": nothing, for ever
  }

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const timer of drips) clearInterval(timer);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    script: (...behaviours) => void queue.push(...behaviours),
    otherwise: (next) => {
      respond = next;
    },
    reset: () => {
      requests.length = 0;
      queue.length = 0;
      waiting.length = 0;
      respond = serverError;
    },
    arrived: (n) =>
      requests.length >= n ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ n, resolve })),
    close,
  };
}

/** Behaviours that are a well-formed JSON answer with status 200; null for the others. */
function bodyOf(what: Behaviour, request: ChatRequest): object | null {
  switch (what.kind) {
    case "answer":
      return completion(request, { content: JSON.stringify(what.json) }, "stop", what.usage);
    case "text":
      return completion(request, { content: what.content });
    case "length":
      return completion(request, { content: '{"eh_oferta": tr' }, "length");
    case "content_filter":
      return completion(request, { content: "" }, "content_filter");
    case "refusal":
      return completion(request, { content: null, refusal: "I cannot help with that." });
    case "error_in_200":
      return { error: { code: 502, message: "Provider returned error" } };
    default:
      return null;
  }
}

function completion(
  request: ChatRequest,
  message: { content: string | null; refusal?: string },
  finish_reason = "stop",
  usage = { prompt_tokens: 100, completion_tokens: 20 },
): object {
  return {
    id: "chatcmpl-fake",
    object: "chat.completion",
    created: 1_770_000_000,
    model: request.model,
    choices: [{ index: 0, message: { role: "assistant", refusal: null, ...message }, logprobs: null, finish_reason }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  };
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function parse(body: string): ChatRequest | null {
  try {
    const value = JSON.parse(body) as ChatRequest;
    return typeof value.model === "string" && Array.isArray(value.messages) ? value : null;
  } catch {
    return null; // the real API answers 400 to it, and so does the caller
  }
}

function json(res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  res.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

function fail(
  res: ServerResponse,
  status: number,
  error: { message?: string; param?: string },
  headers?: Record<string, string>,
): void {
  const type = status >= 500 ? "server_error" : "invalid_request_error";
  json(res, status, { error: { message: "", type, param: null, code: null, ...error } }, headers);
}

if (import.meta.main) {
  const fake = await startFakeOpenAi({ port: Number(process.argv[2] ?? 0) });
  console.log(`OPENAI_BASE_URL=${fake.baseUrl}`);
}
