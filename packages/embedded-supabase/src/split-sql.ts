export interface Statement {
  text: string;
  /** 1-based line of the file where the statement's first word stands. */
  line: number;
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

/**
 * Splits a SQL file at its top-level semicolons, so that an error can name a line and the history table can hold the
 * statements one by one, as the Supabase CLI does. Knows comments (nested too), quotes, E-strings and dollar quotes; not
 * `begin atomic` bodies, which our migrations do not use.
 */
export function splitSql(sql: string): Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let first = -1; // offset of the first character that is neither space nor comment
  let i = 0;
  const close = (end: number) => {
    if (first >= 0) statements.push({ text: sql.slice(start, end).trim(), line: lineOf(sql, first) });
    first = -1;
  };
  while (i < sql.length) {
    const c = sql.charAt(i);
    if (c === "-" && sql[i + 1] === "-") {
      i = endOf(sql, "\n", i);
    } else if (c === "/" && sql[i + 1] === "*") {
      i = endOfComment(sql, i);
    } else if (c === ";") {
      close(i);
      i += 1;
      start = i;
    } else {
      if (first < 0 && !/\s/.test(c)) first = i;
      i = endOfToken(sql, i);
    }
  }
  close(sql.length);
  return statements;
}

function endOfToken(sql: string, i: number): number {
  const c = sql[i];
  if (c === '"') return endOfQuote(sql, i, '"', false);
  if (c === "'") return endOfQuote(sql, i, "'", /(^|[^\w$])e$/i.test(sql.slice(Math.max(0, i - 2), i)));
  if (c === "$" && !/[\w$]/.test(sql[i - 1] ?? " ")) {
    DOLLAR_TAG.lastIndex = i;
    const tag = DOLLAR_TAG.exec(sql)?.[0];
    if (tag !== undefined) return endOf(sql, tag, i + tag.length);
  }
  return i + 1;
}

function endOfQuote(sql: string, open: number, quote: string, backslashes: boolean): number {
  let i = open + 1;
  while (i < sql.length) {
    if (backslashes && sql[i] === "\\") i += 2;
    else if (sql[i] !== quote) i += 1;
    else if (sql[i + 1] === quote) i += 2;
    else return i + 1;
  }
  return sql.length;
}

function endOfComment(sql: string, open: number): number {
  let depth = 0;
  let i = open;
  while (i < sql.length) {
    if (sql.startsWith("/*", i)) {
      depth += 1;
      i += 2;
    } else if (sql.startsWith("*/", i)) {
      depth -= 1;
      i += 2;
      if (depth === 0) return i;
    } else i += 1;
  }
  return sql.length;
}

function endOf(sql: string, mark: string, from: number): number {
  const at = sql.indexOf(mark, from);
  return at < 0 ? sql.length : at + mark.length;
}

/** 1-based line of an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < offset; i = text.indexOf("\n", i + 1)) line += 1;
  return line;
}
