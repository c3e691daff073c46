import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let t: TestDatabase;

beforeAll(async () => {
  t = await createTestDatabase();
  await t.sql("create table public.coisas (id bigint generated always as identity primary key, nome text not null)");
  await t.sql("grant select, insert on public.coisas to service_role");
  await t.reloadSchema();
});
afterAll(() => t.drop());

describe("a test database", () => {
  test("is reached by rpc through the Data API", async () => {
    expect(await t.db.call("dobra", { p_texto: "São João" })).toBe("sao joao");
  });

  test("answers 401 to a wrong key, also to one that names an object's own property", async () => {
    for (const apikey of ["sb_secret_errada", "constructor", "__proto__", ""]) {
      const answer = await fetch(`${t.url}/rest/v1/coisas`, { headers: { apikey } });
      expect(answer.status).toBe(401);
    }
  });

  test("shows no table to the publishable key", async () => {
    const answer = await fetch(`${t.url}/rest/v1/coisas`, { headers: { apikey: t.anonKey } });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "42501" });
  });

  test("answers at most 1000 rows, as hosted does", async () => {
    await t.sql("insert into coisas (nome) select 'x' from generate_series(1, 1200)");
    const answer = await fetch(`${t.url}/rest/v1/coisas`, { headers: { apikey: t.serviceKey } });
    expect(((await answer.json()) as unknown[]).length).toBe(1000);
  });

  test("goes back to how it was created", async () => {
    await t.sql("insert into coisas (nome) values ('y')");
    await t.sql("insert into app_settings (key, value) values ('k', 'v')");
    await t.truncateAll();
    expect(await t.sql("select count(*) as n from coisas")).toEqual([{ n: 0 }]);
    expect(await t.sql("select 1 from app_settings where key = 'k'")).toEqual([]);
    await t.sql("insert into coisas (nome) values ('z')");
    expect(await t.sql("select id from coisas")).toEqual([{ id: 1 }]);
  });

  test("is not seen by another one made at the same time", async () => {
    const others = await Promise.all([createTestDatabase(), createTestDatabase({ seed: true })]);
    try {
      for (const other of others)
        expect(await other.sql("select to_regclass('public.coisas') as t")).toEqual([{ t: null }]);
    } finally {
      await Promise.all(others.map((other) => other.drop()));
    }
  });

  test("with seed gets its seeded rows back, generated columns and counters included", async () => {
    const seeded = await createTestDatabase({ seed: true });
    try {
      const before = await countRows(seeded);
      await seeded.sql("update app_settings set value = 'mudou'");
      await seeded.truncateAll();
      expect(await countRows(seeded)).toEqual(before);
    } finally {
      await seeded.drop();
    }
  });
});

/** Table name → rows, of all tables of `public`. */
async function countRows(database: TestDatabase): Promise<Record<string, number>> {
  const tables = await database.sql<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await database.sql<{ n: number }>(`select count(*) as n from public.${name}`);
    counts[name] = row?.n ?? -1;
  }
  return counts;
}
