import { basename } from "node:path";
import { type Shelf, shelfOf } from "./shelves.ts";

const MAX_LINES = 400;

interface TextRule {
  pattern: RegExp;
  why: string;
  /** Files that may. */
  except(path: string, shelf: Shelf): boolean;
}

const MAY_READ_ENVIRONMENT = /^apps\/[^/]+\/src\/(main|config)\.ts$|^scripts\/|^packages\/embedded-supabase\//;

/** Lines of TypeScript; comment lines are left out, except by rules that are about comments. */
const CODE_RULES: readonly TextRule[] = [
  {
    pattern: /\bnew Date\(\s*\)|\bDate\.now\(/,
    why: "a hora vem de um Clock (ou chega como `agora`), não do sistema",
    except: (path, shelf) => path === "packages/core/runtime/src/clock.ts" || shelf.isTest,
  },
  {
    pattern: /\bprocess\.env\b/,
    why: "o ambiente é lido só em main.ts e config.ts das apps e nos scripts",
    except: (path, shelf) => MAY_READ_ENVIRONMENT.test(path) || shelf.isTest,
  },
  {
    pattern: /(?<![.\w])fetch\(|\bglobalThis\.fetch\b/,
    why: "HTTP sai só por core/http",
    except: (_path, shelf) => shelf.isTest || ["core/http", "scripts"].includes(shelf.name),
  },
];

const ANY_LINE_RULES: readonly { pattern: RegExp; why: string }[] = [
  { pattern: /\b(TO)(DO)\b(?![ÇS])|\b(FIX)(ME)\b/, why: "pendência no código: resolva, ou abra um assunto" },
  { pattern: /@ts-(ignore|nocheck)/, why: "nenhum erro de tipo é calado" },
];

const VAGUE_NAME = /(^|[-.])(utils?|helpers?|common|types|manager|service)([-.]|$)/;
const KEBAB_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

/** What is wrong with the text, size and name of one file of ours, as `path:line: words`. */
export function textFindings(path: string, source: string): string[] {
  const lines = source.split("\n");
  const findings = nameFindings(path);
  const count = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  if (count > MAX_LINES) findings.push(`${path}: ${count} linhas; o limite é ${MAX_LINES}`);
  const shelf = shelfOf(path);
  lines.forEach((line, index) => {
    const at = `${path}:${index + 1}`;
    for (const { pattern, why } of ANY_LINE_RULES) if (pattern.test(line)) findings.push(`${at}: ${why}`);
    if (shelf === undefined || !path.endsWith(".ts") || isComment(line)) return;
    for (const { pattern, why, except } of CODE_RULES) {
      if (pattern.test(line) && !except(path, shelf)) findings.push(`${at}: ${why}`);
    }
  });
  return findings;
}

function nameFindings(path: string): string[] {
  if (!path.endsWith(".ts")) return [];
  const name = basename(path, ".ts");
  if (VAGUE_NAME.test(name)) return [`${path}: o nome não diz o que há dentro`];
  return KEBAB_NAME.test(name) ? [] : [`${path}: nomes de arquivo em kebab-case`];
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/?\*)/.test(line);
}
