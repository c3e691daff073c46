import { posix } from "node:path";
import { type Import, importsOf } from "./imports.ts";
import { type Shelf, shelfOf, shelfOfSpecifier } from "./shelves.ts";

/** Lower layers only: a package of `core` imports those with a smaller number. */
const CORE_LAYER: Record<string, number> = {
  "core/runtime": 0,
  "core/retry": 1,
  "core/cron": 1,
  "core/http": 2,
  "core/db": 3,
  "core/queue": 4,
  "core/executions": 4,
  "core/operations": 5,
  "core/job": 6,
  "core/tasks": 6,
  "core/topics": 6,
  "core/topics-kafka": 7,
  "core/scheduler": 6,
};

const CATALOGUE_CORE: readonly string[] = ["core/job", "core/topics", "core/tasks", "core/cron", "core/runtime"];

/** The domains that all others may know, and what each of these may know of the others. */
const SHARED_DOMAINS: Record<string, readonly string[]> = {
  "dominio/contexto": [],
  "dominio/eventos": ["dominio/contexto"],
  "dominio/alertas": ["dominio/contexto", "dominio/eventos"],
};

/** Domains otherwise meet through a topic of `eventos`; a new edge is a line here, seen in review. */
const DOMAIN_EDGES: Record<string, readonly string[]> = {
  "dominio/conversas": ["dominio/mensagens"],
  "dominio/gatilhos": ["dominio/mensagens"],
  "dominio/plantoes": ["dominio/mensagens"],
  "dominio/mensagens": ["dominio/chips"],
};

/** Each library has one door. A library without a line here is not to be used. */
const DOORS: Record<string, (shelf: Shelf) => boolean> = {
  zod: () => true,
  fastify: ({ name }) => name === "apps/api",
  croner: ({ name }) => name === "core/cron" || name === "scripts", // its own timers, to be compared with in a benchmark
  undici: ({ name }) => name === "core/http",
  "@supabase/supabase-js": ({ name }) => name === "core/db" || name === "scripts", // the naive form in benchmarks
  openai: ({ name }) => name === "clients/llm",
  htmlparser2: ({ name }) => name === "dominio/ofertas",
  "@platformatic/kafka": ({ name }) => name === "core/topics-kafka",
  pino: ({ name }) => name === "core/runtime",
  nock: ({ isTest }) => isTest,
  vitest: ({ isTest, name }) => isTest || name === "scripts",
  "pg-boss": ({ name }) => name === "scripts", // measured beside ours
  "graphile-worker": ({ name }) => name === "scripts", // likewise
  pg: ({ isTest, name }) => isTest || name === "embedded" || name === "scripts",
};

/** Test-only shelves, and who else may open them. */
const TEST_SHELVES: Record<string, (from: Shelf) => boolean> = {
  embedded: (from) => from.isTest || from.name === "scripts",
  "core/db-testing": (from) => from.isTest || from.name === "scripts",
};

/** What is wrong with the imports of one file, as `line: words`. */
export function importFindings(path: string, source: string): string[] {
  const from = shelfOf(path);
  if (from === undefined) return [];
  return importsOf(source).flatMap((it) => {
    const why = findingOf(path, from, it);
    return why === undefined ? [] : [`${path}:${it.line}: ${why}`];
  });
}

function findingOf(path: string, from: Shelf, it: Import): string | undefined {
  const { specifier } = it;
  if (specifier.startsWith("node:")) return undefined;
  if (specifier.startsWith(".")) return relativeFinding(path, from, specifier);
  const to = shelfOfSpecifier(specifier);
  if (to !== undefined)
    return isAllowed(from, to, it.typeOnly) ? undefined : `${from.name} não pode importar ${specifier}`;
  return libraryFinding(from, specifier);
}

function relativeFinding(path: string, from: Shelf, specifier: string): string | undefined {
  const targetPath = posix.join(posix.dirname(path), specifier);
  const target = shelfOf(targetPath);
  if (target?.name === from.name) return undefined;
  // Test support (fakes, fixtures) has no `#` name: a product file must not find it.
  if (from.isTest && target !== undefined && targetPath.includes("/src/testing/")) {
    return isAllowed(from, target.name, false) ? undefined : `${from.name} não pode importar ${specifier}`;
  }
  // Tools look behind the doors: benchmarks measure single parts, generators print an app's configuration.
  if (from.name === "scripts" && target !== undefined) return undefined;
  return `importe outro pacote pelo nome (#…), não por ${specifier}`;
}

function libraryFinding(from: Shelf, specifier: string): string | undefined {
  const parts = specifier.split("/");
  const name = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
  const door = DOORS[name.startsWith("@fastify/") ? "fastify" : name];
  if (door === undefined) return `${name} não tem porta em scripts/boundaries/import-rules.ts`;
  return door(from) ? undefined : `${name} só entra pela sua porta, não por ${from.name}`;
}

function isAllowed(from: Shelf, to: string, typeOnly: boolean): boolean {
  if (to === from.name) return false; // inside a package imports are relative
  const guarded = TEST_SHELVES[to];
  if (guarded !== undefined) return guarded(from);
  if (from.name === "scripts" || from.name === "core/db-testing" || from.name.startsWith("apps/")) return true;
  if (from.name === "embedded") return from.isTest && to.startsWith("core/");
  // The catalogue knows what every app needs before start: the jobs, and whether their schedules and settings are sound.
  if (from.name === "catalogo") return to.startsWith("dominio/") || CATALOGUE_CORE.includes(to);
  if (from.name.startsWith("clients/")) return ["core/runtime", "core/http", "core/retry"].includes(to);
  if (from.name.startsWith("core/")) return isLowerLayer(from.name, to);
  if (from.name.startsWith("dominio/")) return mayDomainImport(from, to, typeOnly);
  return false;
}

function isLowerLayer(from: string, to: string): boolean {
  const mine = CORE_LAYER[from];
  const theirs = CORE_LAYER[to];
  return mine !== undefined && theirs !== undefined && theirs < mine;
}

function mayDomainImport(from: Shelf, to: string, typeOnly: boolean): boolean {
  if (to.startsWith("core/")) return true;
  // A domain is handed its clients; tests build them.
  if (to.startsWith("clients/")) return typeOnly || from.isTest;
  const known = SHARED_DOMAINS[from.name] ?? [...Object.keys(SHARED_DOMAINS), ...(DOMAIN_EDGES[from.name] ?? [])];
  return known.includes(to);
}
