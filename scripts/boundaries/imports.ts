export interface Import {
  /** What is imported, as written. */
  specifier: string;
  /** 1-based. */
  line: number;
  /** Gone at run time: `import type`, or nothing but `type` names inside the braces. */
  typeOnly: boolean;
}

const STATIC = /^[ \t]*(?:import|export)\b(?<what>[^"'`;=]*?\bfrom\s*|\s*)["'](?<specifier>[^"']+)["']/gm;
const DYNAMIC = /\b(?:import|require\.resolve|require)\(\s*["'](?<specifier>[^"']+)["']\s*\)/g;

/** Every import and re-export of a TypeScript source. Reads the text, not a syntax tree: one import starts one line. */
export function importsOf(source: string): Import[] {
  const found: Import[] = [];
  for (const [pattern, isStatic] of [
    [STATIC, true],
    [DYNAMIC, false],
  ] as const) {
    for (const match of source.matchAll(pattern)) {
      const what = match.groups?.what ?? "";
      found.push({
        specifier: match.groups?.specifier ?? "",
        line: source.slice(0, match.index).split("\n").length,
        typeOnly: isStatic && isTypeOnly(what),
      });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

function isTypeOnly(what: string): boolean {
  if (/^\s*type\b/.test(what)) return true;
  const names = /^\s*\{([^}]*)\}\s*from/.exec(what)?.[1];
  if (names === undefined) return false;
  const list = names.split(",").filter((name) => name.trim() !== "");
  return list.length > 0 && list.every((name) => /^\s*type\s/.test(name));
}
