import { expect, test } from "vitest";
import { textFindings } from "./text-rules.ts";

const NOW = "const agora = new Date" + "();"; // in two pieces: this file is checked too

test("only the clock asks what time it is; an instant that is given may be parsed anywhere", () => {
  expect(textFindings("packages/dominio/grupos/src/a.ts", NOW)).toHaveLength(1);
  expect(textFindings("packages/core/runtime/src/clock.ts", NOW)).toEqual([]);
  expect(textFindings("packages/dominio/grupos/src/a.ts", "const em = new Date(texto);")).toEqual([]);
  expect(textFindings("packages/dominio/grupos/src/a.ts", `// ${NOW}`)).toEqual([]);
});

test("the environment is read in main.ts and config.ts of apps, and in scripts", () => {
  const line = "const porta = process.env.PORT;";
  expect(textFindings("packages/core/db/src/a.ts", line)).toHaveLength(1);
  expect(textFindings("apps/api/src/app.ts", line)).toHaveLength(1);
  expect(textFindings("apps/api/src/config.ts", line)).toEqual([]);
  expect(textFindings("scripts/up.ts", line)).toEqual([]);
});

test("the global fetch is called by core/http alone; one that was handed in is a member", () => {
  expect(textFindings("packages/clients/slack/src/a.ts", "await fetch(url);")).toHaveLength(1);
  expect(textFindings("packages/clients/slack/src/a.ts", "await deps.fetch(url);")).toEqual([]);
  expect(textFindings("packages/core/http/src/a.ts", "await fetch(url);")).toEqual([]);
});

test("no pending work in the code, but a word of group messages is none", () => {
  const pending = ["TO", "DO"].join("");
  expect(textFindings("packages/a/b/src/c.ts", `// ${pending}: depois`)).toHaveLength(1);
  expect(textFindings("packages/a/b/src/c.ts", `const t = "${pending}S OS DIAS";`)).toEqual([]);
});

test("a file has at most 400 lines", () => {
  expect(textFindings("supabase/migrations/1_a.sql", "select 1;\n".repeat(400))).toEqual([]);
  expect(textFindings("supabase/migrations/1_a.sql", "select 1;\n".repeat(401))).toHaveLength(1);
});

test("names say what is inside, in kebab-case", () => {
  for (const name of ["utils", "date-helpers", "common", "user-service", "minhaClasse"]) {
    expect(textFindings(`packages/core/db/src/${name}.ts`, "")).toHaveLength(1);
  }
  expect(textFindings("packages/core/db/src/db-error.int.test.ts", "")).toEqual([]);
});
