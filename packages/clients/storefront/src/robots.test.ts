import { describe, expect, test } from "vitest";
import { parseRobots, robotsAllow } from "./robots.ts";

const allows = (text: string, path: string) => robotsAllow(parseRobots(text), path);

describe("robots.txt", () => {
  test("the group of everyone counts, groups of other robots do not", () => {
    const text = "User-agent: Bot\nDisallow: /\n\nUser-agent: *\nDisallow: /gz/\n";
    expect(allows(text, "/MLB-1")).toBe(true);
    expect(allows(text, "/gz/cart")).toBe(false);
  });
  test("names in a row share one group, and several groups of everyone are read together", () => {
    const text =
      "user-agent: bot\nUSER-AGENT: *\ndisallow: /a\nuser-agent: other\ndisallow: /b\nuser-agent: *\ndisallow: /c";
    expect(["/a", "/b", "/c"].map((p) => allows(text, p))).toEqual([false, true, false]);
  });
  test("the longest pattern decides, and allow wins a tie", () => {
    const text = "User-agent: *\nDisallow: /p\nAllow: /p/MLB\nDisallow: /x\nAllow: /x";
    expect(["/p/1", "/p/MLB1", "/x"].map((p) => allows(text, p))).toEqual([false, true, true]);
  });
  test("stars, the end sign, comments and a byte order mark", () => {
    const text = "\uFEFFUser-agent: * # all\nDisallow: /*.php$\nDisallow: /*?sort= # order\nDisallow:\n";
    expect(["/a/b.php", "/b.php?x", "/q?sort=1", "/q?x&sort=1", "/"].map((p) => allows(text, p))).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });
  test("no file, no rule and rubbish allow everything", () => {
    for (const text of ["", "<html>não existe</html>", "Disallow: /", ":::\n\u0000"])
      expect(allows(text, "/x")).toBe(true);
  });
  test("a hostile file neither blocks the process nor grows without bound", () => {
    const stars = `User-agent: *\nDisallow: /${"*a".repeat(240)}$\n`;
    const many = `User-agent: *\n${"Disallow: /*x*y*z*$\n".repeat(40_000)}`;
    expect(allows(stars, `/${"a".repeat(100_000)}b`)).toBe(true);
    expect(parseRobots(many).rules.length).toBe(5000);
    expect(allows(many, `/${"x".repeat(2000)}`)).toBe(true);
  });
});
