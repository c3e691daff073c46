import { expect, test } from "vitest";
import { importFindings } from "./import-rules.ts";

/** Findings of one import in one file, without the place. */
function find(path: string, specifier: string, what = "import { x } from"): string[] {
  return importFindings(path, `${what} "${specifier}";\n`).map((finding) => finding.replace(/^.*?:\d+: /, ""));
}
const ok: string[] = [];

test.each([
  ["packages/core/http/src/a.ts", "#core/retry"],
  ["packages/core/scheduler/src/a.ts", "#core/executions"],
  ["packages/clients/llm/src/a.ts", "#core/http"],
  ["packages/dominio/grupos/src/a.ts", "#core/queue"],
  ["packages/dominio/grupos/src/a.ts", "#dominio/alertas"],
  ["packages/dominio/alertas/src/a.ts", "#dominio/eventos"],
  ["packages/dominio/mensagens/src/a.ts", "#dominio/chips"],
  ["packages/catalogo/src/a.ts", "#dominio/grupos"],
  ["packages/catalogo/src/a.ts", "#core/job"],
  ["apps/api/src/a.ts", "#clients/slack"],
  ["apps/api/src/a.ts", "./deps.ts"],
  ["scripts/up.ts", "#embedded"],
  ["scripts/gen-readme.ts", "../apps/api/src/config.ts"],
  ["packages/core/db/src/a.int.test.ts", "#core/db-testing"],
  ["packages/core/db/src/a.ts", "node:fs"],
])("%s may import %s", (path, specifier) => {
  expect(find(path, specifier)).toEqual(ok);
});

test.each([
  ["packages/core/runtime/src/a.ts", "#core/retry"],
  ["packages/core/retry/src/a.ts", "#core/cron"],
  ["packages/core/db/src/a.ts", "#core/queue"],
  ["packages/core/job/src/a.ts", "#dominio/grupos"],
  ["packages/core/job/src/a.ts", "#catalogo"],
  ["packages/clients/llm/src/a.ts", "#core/db"],
  ["packages/clients/llm/src/a.ts", "#clients/slack"],
  ["packages/dominio/grupos/src/a.ts", "#dominio/mensagens"],
  ["packages/dominio/grupos/src/a.ts", "#clients/llm"],
  ["packages/dominio/eventos/src/a.ts", "#dominio/alertas"],
  ["packages/dominio/grupos/src/a.ts", "#catalogo"],
  ["packages/catalogo/src/a.ts", "#clients/llm"],
  ["apps/api/src/a.ts", "#embedded"],
  ["apps/api/src/a.ts", "#core/db-testing"],
  ["packages/core/db/src/a.ts", "#core/db"],
])("%s must not import %s", (path, specifier) => {
  const [finding, ...more] = find(path, specifier);
  expect(finding).toContain("não pode importar");
  expect(more).toEqual([]);
});

test("another package is never reached by a path, another app neither", () => {
  for (const specifier of ["../../db/src/db.ts", "../../../../apps/api/src/app.ts"]) {
    expect(find("packages/core/queue/src/a.ts", specifier)).toHaveLength(1);
  }
  expect(find("apps/api/src/a.ts", "../../scheduler/src/main.ts")).toHaveLength(1);
});

test("a test reaches another package's test support by path, in the allowed direction only", () => {
  const fake = "../../../clients/llm/src/testing/fake-openai.ts";
  expect(find("packages/dominio/grupos/src/a.test.ts", fake)).toEqual(ok);
  expect(find("packages/dominio/grupos/src/a.ts", fake)).toHaveLength(1);
  expect(find("packages/core/db/src/a.test.ts", fake.replace("../clients", "../../clients"))).toHaveLength(1);
});

test("a domain may know the types of a client, however they are written", () => {
  for (const what of ["import type { X } from", "import { type X, type Y } from", "import {\n  type X,\n} from"]) {
    expect(find("packages/dominio/grupos/src/a.ts", "#clients/llm", what)).toEqual(ok);
  }
  expect(find("packages/dominio/grupos/src/a.ts", "#clients/llm", "import { type X, y } from")).toHaveLength(1);
});

test("each library has one door", () => {
  expect(find("apps/api/src/a.ts", "@fastify/swagger")).toEqual(ok);
  expect(find("apps/scheduler/src/a.ts", "fastify")).toHaveLength(1);
  expect(find("packages/core/db/src/a.ts", "@supabase/supabase-js")).toEqual(ok);
  expect(find("packages/dominio/grupos/src/a.ts", "openai/resources")).toHaveLength(1);
  expect(find("packages/dominio/grupos/src/a.ts", "pg")).toHaveLength(1);
  expect(find("packages/dominio/grupos/src/a.test.ts", "nock")).toEqual(ok);
  expect(find("packages/dominio/grupos/src/a.ts", "zod")).toEqual(ok);
  expect(find("packages/dominio/grupos/src/a.ts", "left-pad")).toHaveLength(1);
});

test("re-exports, bare and dynamic imports count as imports", () => {
  for (const what of ["export * from", "export { x } from", "import"]) {
    expect(find("packages/core/runtime/src/a.ts", "#core/db", what)).toHaveLength(1);
  }
  expect(importFindings("packages/core/runtime/src/a.ts", 'const x = await import("#core/db");\n')).toHaveLength(1);
});
