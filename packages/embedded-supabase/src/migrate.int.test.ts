import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { migrate, seed } from "./migrate.ts";

let t: TestDatabase;
let dir: string;
const file = (name: string, sql: string) => writeFileSync(join(dir, name), sql);
const migrationsOfTheProduct = join(import.meta.dirname, "../../../supabase/migrations");

beforeEach(async () => {
  t = await createTestDatabase();
  dir = join(mkdtempSync(join(tmpdir(), "julia-migrate-")), "migrations");
  mkdirSync(dir);
});
afterEach(async () => {
  rmSync(join(dir, ".."), { recursive: true, force: true });
  await t.drop();
});

test("the product's migrations a second time are nothing to do", async () => {
  expect(await migrate(t.databaseUrl, migrationsOfTheProduct)).toEqual([]);
});

test("files are applied in order, once, and recorded as the Supabase CLI records them", async () => {
  file("20990101000200_b.sql", "insert into a values (1); insert into a values (2)");
  file("20990101000100_a.sql", "create table a (n int);");
  file("leia-me.sql", "this is no migration");
  expect(await migrate(t.databaseUrl, dir)).toEqual(["20990101000100_a.sql", "20990101000200_b.sql"]);
  expect(await migrate(t.databaseUrl, dir)).toEqual([]);
  const rows = await t.sql(
    "select version, name, statements from supabase_migrations.schema_migrations where version > '2099' order by 1",
  );
  expect(rows).toEqual([
    { version: "20990101000100", name: "a", statements: ["create table a (n int)"] },
    { version: "20990101000200", name: "b", statements: ["insert into a values (1)", "insert into a values (2)"] },
  ]);
});

test("an error names file and line, and nothing of that file stays", async () => {
  file("20990101000100_a.sql", "create table a (n int);\n\n-- a comment\ninsert into a\n  select nada;\n");
  await expect(migrate(t.databaseUrl, dir)).rejects.toThrow(/^20990101000100_a\.sql:5: column "nada" does not exist/);
  expect(await t.sql("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test("an error at run time names the line of its statement", async () => {
  file("20990101000100_a.sql", "select 1;\ndo $$\nbegin\n  raise exception 'não';\nend $$;");
  await expect(migrate(t.databaseUrl, dir)).rejects.toThrow(/^20990101000100_a\.sql:2: não/);
});

test("two migrators at once apply each file once", async () => {
  file("20990101000100_a.sql", "create table a (n int); select pg_sleep(0.2);");
  const both = await Promise.all([migrate(t.databaseUrl, dir), migrate(t.databaseUrl, dir)]);
  expect(both.flat()).toEqual(["20990101000100_a.sql"]);
});

test("a seed that fails leaves nothing", async () => {
  file("seed.sql", "create table a (n int);\ninsert into a values ('x');");
  await expect(seed(t.databaseUrl, join(dir, "seed.sql"))).rejects.toThrow(/^seed\.sql:2: invalid input syntax/);
  expect(await t.sql("select to_regclass('a') as a")).toEqual([{ a: null }]);
});
