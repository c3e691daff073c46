import {
  createDispatcher,
  createFetch,
  PRIVATE_ADDRESS,
  publicOnlyLookup,
  retryAfterOf,
  type Timer,
  type UpstreamDispatcher,
} from "#core/http";
import { AppError, type Clock, errorMessage, type Logger } from "#core/runtime";
import { allowedUrl, type UrlRule } from "./allowed-url.ts";
import type { PageAnswer, PageSource } from "./page-source.ts";
import { createRobotsCache } from "./robots-cache.ts";

export interface StorefrontOptions extends UrlRule {
  /**
   * Resolves when a request to this host may start; called before every request, redirects and robots.txt included. It
   * throws the signal's reason when aborted.
   */
  waitTurn(host: string, signal: AbortSignal): Promise<void>;
  clock: Clock;
  log: Logger;
  /** Tests only. */
  fetch?: typeof fetch;
  timer?: Timer;
  dispatcher?: UpstreamDispatcher;
}

/** `domain/filas-e-workers.md` §4.4. */
const TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 5 * 1024 * 1024;
const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const VERIFICATION = new Set(["account-verification", "login", "captcha"]);

/** What a browser of the country sends; the storefront answers the same page to it as to a person. */
const HEADERS = {
  "user-agent":
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
  "accept-language": "pt-BR,pt;q=0.9",
  "upgrade-insecure-requests": "1",
};

/** How an app opens the storefront that its configuration names; the caller brings the turns. */
export function storefrontFrom(
  config: { ENRICHMENT_ALLOWED_HOSTS: readonly string[]; ENRICHMENT_ALLOW_LOOPBACK: boolean },
  shared: Pick<StorefrontOptions, "clock" | "log">,
): (waitTurn: StorefrontOptions["waitTurn"]) => PageSource {
  const { ENRICHMENT_ALLOWED_HOSTS: hosts, ENRICHMENT_ALLOW_LOOPBACK: allowLoopback } = config;
  return (waitTurn) => createStorefront({ ...shared, hosts, allowLoopback, waitTurn });
}

/** One request's end: a response whose redirect and status are still to be judged, or an answer already. */
type Step = { response: Response } | { answer: PageAnswer };

/**
 * Product pages over HTTPS. Redirects are followed by hand, at most three, each checked against the same rule; names that
 * resolve to private addresses are refused at the socket; robots.txt is honoured, read once an hour per host.
 */
export function createStorefront(options: StorefrontOptions): PageSource {
  const { clock, log, waitTurn } = options;
  const dispatcher =
    options.dispatcher ??
    createDispatcher({
      connections: 8,
      lookup: publicOnlyLookup({ allowLoopback: options.allowLoopback ?? false }),
    });
  const send = createFetch({
    name: "loja",
    dispatcher,
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: MAX_BODY_BYTES,
    ...(options.fetch ? { fetch: options.fetch } : {}),
    ...(options.timer ? { timer: options.timer } : {}),
  });
  const robots = createRobotsCache({ clock, read: (url, signal) => follow(url, signal, false) });

  async function request(url: URL, signal: AbortSignal): Promise<Step> {
    await waitTurn(url.hostname, signal);
    const startedAt = clock.monotonicMs();
    try {
      const response = await send(url, { headers: HEADERS, signal });
      const duration_ms = Math.round(clock.monotonicMs() - startedAt);
      log.debug({ upstream: "loja", host: url.hostname, http: response.status, duration_ms }, "chamada externa");
      return { response };
    } catch (err) {
      signal.throwIfAborted();
      if (err instanceof AppError && err.details?.motivo === PRIVATE_ADDRESS) return refused("url");
      return failed(errorMessage(err));
    }
  }

  /** Follows redirects and judges the status; a page's robots.txt rules are asked before each request. */
  async function follow(start: URL, signal: AbortSignal, obeyRobots: boolean): Promise<Step & { url: URL }> {
    let url = start;
    for (let redirects = 0; ; redirects++) {
      if (obeyRobots) {
        const verdict = await robots.check(url, signal);
        if (verdict !== null) return { answer: verdict, url };
      }
      const step = await request(url, signal);
      if ("answer" in step) return { ...step, url };
      const location = step.response.headers.get("location");
      if (!REDIRECTS.has(step.response.status) || location === null) return { ...step, url };
      if (redirects === MAX_REDIRECTS) return { ...failed(`mais de ${MAX_REDIRECTS} redirecionamentos`), url };
      const next = allowedUrl(URL.parse(location, url.href)?.href ?? "", options);
      if (next === null) return { ...refused("url"), url };
      if (isVerification(next)) return { ...blocked(`verificação em ${pathOf(next)}`), url };
      url = next;
    }
  }

  return {
    async fetchPage(text, { signal }) {
      const url = allowedUrl(text, options);
      // A verification page is nobody's offer; asking for it would only look like a block.
      if (url === null || isVerification(url)) return { kind: "refused", motivo: "url" };
      const end = await follow(url, signal, true);
      if ("answer" in end) return end.answer;
      return pageOf(end.url, end.response, clock);
    },
    close: () => (options.dispatcher ? Promise.resolve() : dispatcher.close()),
  };
}

async function pageOf(url: URL, response: Response, clock: Clock): Promise<PageAnswer> {
  const { status, headers } = response;
  if (status === 404 || status === 410) return { kind: "gone", status };
  // A refusal of us, not of this page.
  if (status === 429 || status === 403) {
    return { kind: "blocked", motivo: `HTTP ${status}`, status, retryAfterMs: retryAfterOf(headers, clock) };
  }
  if (status !== 200) return { kind: "failed", motivo: `HTTP ${status}` };
  const type = headers.get("content-type") ?? "text/html";
  if (!/^(text\/html|application\/xhtml\+xml)\b/i.test(type))
    return { kind: "failed", motivo: "a resposta não é HTML" };
  return { kind: "page", url: url.href, html: decode(await response.arrayBuffer(), type) };
}

function decode(body: ArrayBuffer, contentType: string): string {
  const label = /charset=["']?([\w-]{1,40})/i.exec(contentType)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(label).decode(body);
  } catch {
    // A charset nobody knows: the markup we read is ASCII in all of them.
    return new TextDecoder().decode(body);
  }
}

function isVerification(url: URL): boolean {
  return url.pathname
    .toLowerCase()
    .split("/")
    .some((segment) => VERIFICATION.has(segment));
}

function pathOf(url: URL): string {
  return url.pathname.slice(0, 60);
}

const refused = (motivo: "url" | "robots"): { answer: PageAnswer } => ({ answer: { kind: "refused", motivo } });
const failed = (motivo: string): { answer: PageAnswer } => ({ answer: { kind: "failed", motivo } });
const blocked = (motivo: string): { answer: PageAnswer } => ({
  answer: { kind: "blocked", motivo, status: null, retryAfterMs: null },
});
