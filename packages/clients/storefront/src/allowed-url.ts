import { isLoopbackAddress } from "#core/http";

export interface UrlRule {
  /** Host names; each one stands for its subdomains too. */
  hosts: readonly string[];
  /** Tests and development: `http://127.0.0.1:port` and `http://localhost:port` pass too. */
  allowLoopback?: boolean;
}

const MAX_LENGTH = 2048;
/** The text itself must be plain, so that no two readers of it disagree about the host: letters, digits, dots, hyphens. */
const PLAIN = /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)*(?=[/?#]|$)[\x21-\x7e]*$/i;

/**
 * The URL when it may be asked for (`domain/filas-e-workers.md` §4.4): https, a host of the list, no credentials, no
 * port, nothing that is not ASCII. Null otherwise. Says nothing about addresses: those are judged when the name resolves.
 */
export function allowedUrl(text: string, rule: UrlRule): URL | null {
  if (text.length > MAX_LENGTH) return null;
  if (rule.allowLoopback) {
    const local = loopbackUrl(text);
    if (local) return local;
  }
  if (!PLAIN.test(text) || text.includes("\\")) return null;
  const url = URL.parse(text);
  if (url === null || url.protocol !== "https:" || url.username || url.password || url.port) return null;
  const host = url.hostname;
  return rule.hosts.some((h) => host === h || host.endsWith(`.${h}`)) ? url : null;
}

function loopbackUrl(text: string): URL | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password) return null;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || isLoopbackAddress(host) ? url : null;
}
