/** How asking for one page ended. Everything a storefront may do is an answer; only the caller's own abort is thrown. */
export type PageAnswer =
  /** HTTP 200 with HTML. Whether it is a product's page is the reader's to say. `url`: where it came from in the end. */
  | { kind: "page"; url: string; html: string }
  /** HTTP 404 or 410. */
  | { kind: "gone"; status: number }
  /** The storefront wants no more of us for now: 403, 429, or (status null) a redirect to a verification page. */
  | { kind: "blocked"; motivo: string; status: number | null; retryAfterMs: number | null }
  /** Not asked for, or not followed: outside the allow-list, an address that is not public, or robots.txt. */
  | { kind: "refused"; motivo: "url" | "robots" }
  /** 5xx, network, time-out, too big, not HTML; in words. */
  | { kind: "failed"; motivo: string };

/** Where product pages come from; tests and other sources replace it. */
export interface PageSource {
  fetchPage(url: string, options: { signal: AbortSignal }): Promise<PageAnswer>;
  close(): Promise<void>;
}
