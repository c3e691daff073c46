/** What a robots.txt asks of everyone (group `*`): patterns by kind, as they stand in the file. */
export interface RobotsRules {
  readonly rules: readonly { readonly allow: boolean; readonly pattern: string }[];
}

export const ALLOW_ALL: RobotsRules = { rules: [] };

const MAX_RULES = 5000;
const MAX_PATTERN = 500;

/**
 * Reads a robots.txt (RFC 9309): the groups of `*` together; lines that are not understood are skipped. Bounded, whatever
 * the text holds. We are a browser to the storefront and have no group of our own.
 */
export function parseRobots(text: string): RobotsRules {
  const rules: { allow: boolean; pattern: string }[] = [];
  let mine = false;
  let naming = false;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)) {
    const [key, value] = fieldOf(line);
    if (key === "user-agent") {
      // Names in a row share one group.
      mine = (naming && mine) || value === "*";
      naming = true;
      continue;
    }
    if (key !== "allow" && key !== "disallow") continue;
    naming = false;
    // An empty pattern matches nothing.
    if (mine && value !== "" && rules.length < MAX_RULES) {
      rules.push({ allow: key === "allow", pattern: value.slice(0, MAX_PATTERN) });
    }
  }
  return { rules };
}

/** May this path (with its query) be asked for? The longest matching pattern decides, `allow` when two are as long. */
export function robotsAllow({ rules }: RobotsRules, path: string): boolean {
  let longest = -1;
  let allow = true;
  for (const rule of rules) {
    const length = rule.pattern.length;
    if (length < longest || (length === longest && !rule.allow) || !matches(rule.pattern, path)) continue;
    longest = length;
    allow = rule.allow;
  }
  return allow;
}

function fieldOf(line: string): [string, string] {
  const text = (line.split("#", 1)[0] ?? "").trim();
  const colon = text.indexOf(":");
  return colon < 0 ? ["", ""] : [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}

/** `*` is any run of characters, `$` at the end is the end; otherwise a prefix. Each piece is searched once: no backtracking. */
function matches(pattern: string, path: string): boolean {
  const anchored = pattern.endsWith("$");
  const [first = "", ...rest] = (anchored ? pattern.slice(0, -1) : pattern).split("*");
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (const [i, piece] of rest.entries()) {
    if (anchored && i === rest.length - 1) return path.length - piece.length >= at && path.endsWith(piece);
    const found = path.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return !anchored || at === path.length;
}
