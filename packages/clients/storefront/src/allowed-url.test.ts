import { describe, expect, test } from "vitest";
import { allowedUrl } from "./allowed-url.ts";

const RULE = { hosts: ["mercadolivre.com.br", "meli.la"] };
const passes = (text: string) => allowedUrl(text, RULE) !== null;

describe("which URLs may be asked for", () => {
  test.each([
    "https://produto.mercadolivre.com.br/MLB-123456789-fone-_JM",
    "https://mercadolivre.com.br",
    "https://WWW.MercadoLivre.com.br/p/MLB123?x=1&y=%20#reviews",
    "https://meli.la/2abC",
  ])("%s passes", (url) => expect(passes(url)).toBe(true));

  test.each([
    "http://produto.mercadolivre.com.br/MLB-1",
    "ftp://mercadolivre.com.br/x",
    "//mercadolivre.com.br/x",
    "https:/mercadolivre.com.br/x",
    "https:mercadolivre.com.br",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "",
    "mercadolivre.com.br/MLB-1",
  ])("%j: only https, written out", (url) => expect(passes(url)).toBe(false));

  test.each([
    "https://mercadolivre.com.br.evil.example/x",
    "https://evilmercadolivre.com.br/x",
    "https://evil.example/mercadolivre.com.br",
    "https://evil.example?mercadolivre.com.br",
    "https://evil.example#.mercadolivre.com.br",
    "https://com.br/x",
    "https://mercadolivre.com.br./x",
    "https://mercadolivre.com.br\\@evil.example/x",
    "https://evil.example\\.mercadolivre.com.br/x",
    "https://mercadolivre.com.br%2eevil.example/x",
    "https://mercadolivre。com。br/x",
    "https://mercadolivre.com.br\u0000.evil.example",
    "https://mercadolivre.com.br\t.evil.example/",
    " https://mercadolivre.com.br/x",
    "https://mercadolivre.com.br/x\r\nHost: evil",
  ])("%j: the host must be of the list, in plain text", (url) => expect(passes(url)).toBe(false));

  test.each([
    "https://user@mercadolivre.com.br/x",
    "https://user:pw@mercadolivre.com.br/x",
    "https://@mercadolivre.com.br/x",
    "https://mercadolivre.com.br@evil.example/x",
    "https://mercadolivre.com.br:443/x",
    "https://mercadolivre.com.br:8443/x",
    "https://mercadolivre.com.br:/x",
    "https://mercadolivre.com.br:80@evil.example/",
  ])("%j: no credentials, no port", (url) => expect(passes(url)).toBe(false));

  test("a URL longer than 2048 is refused", () => {
    expect(passes(`https://meli.la/${"a".repeat(2048)}`)).toBe(false);
  });

  test("this machine, in every notation, passes only where tests allow it, and then with a port", () => {
    const urls = [
      "http://localhost/x",
      "http://localhost:8080/x",
      "http://127.0.0.1:8080/x",
      "http://127.1:8080/x",
      "http://0x7f000001/x",
      "http://2130706433/x",
      "http://0177.0.0.1/x",
      "http://[::1]:8080/x",
    ];
    for (const url of urls) {
      expect([url, passes(url)]).toEqual([url, false]);
      expect([url, passes(url.replace("http:", "https:"))]).toEqual([url, false]);
      expect([url, allowedUrl(url, { ...RULE, allowLoopback: true }) !== null]).toEqual([url, true]);
    }
    for (const other of [
      "http://10.0.0.1/",
      "http://169.254.169.254/",
      "http://u:p@localhost/",
      "http://evil.example/",
    ]) {
      expect([other, allowedUrl(other, { ...RULE, allowLoopback: true })]).toEqual([other, null]);
    }
  });

  test("property: whatever is put together from hostile parts, what passes is https, of the list, bare", () => {
    const parts = [
      ..."https:// http:// // / \\ @ : :443 :80 . .. ? # % %2e %00 [ ] ::1 127.0.0.1 0x7f.1 2130706433 user pass".split(
        " ",
      ),
      ..."mercadolivre.com.br meli.la evil.example produto. www. localhost 169.254.169.254 10.0.0.1 é 。 \t \n xn--".split(
        " ",
      ),
    ];
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * n);
    };
    let passed = 0;
    for (let i = 0; i < 60_000; i++) {
      const pieces = Array.from({ length: 1 + random(5) }, () => parts[random(parts.length)] ?? "");
      const text = (random(4) === 0 ? "" : "https://") + pieces.join("");
      const url = allowedUrl(text, RULE);
      if (url === null) continue;
      passed++;
      expect([text, url.protocol, url.username + url.password, url.port]).toEqual([text, "https:", "", ""]);
      expect([text, url.hostname]).toEqual([
        text,
        expect.stringMatching(/^([a-z0-9-]+\.)*(mercadolivre\.com\.br|meli\.la)$/),
      ]);
      // Two readers of the text agree about the host.
      expect(text.toLowerCase().startsWith(`https://${url.hostname}`)).toBe(true);
    }
    expect(passed, "the generator reaches what passes too").toBeGreaterThan(100);
  });
});
