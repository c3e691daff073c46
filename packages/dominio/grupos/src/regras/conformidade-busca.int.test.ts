import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { hashDedup } from "./hash-dedup.ts";
import { normalizarBusca } from "./normalizar-busca.ts";
import { similaridade } from "./trigrama.ts";

/** The same question asked of TypeScript and of SQL has one answer: a name found in memory is found in the catalogue. */
let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase({ seed: true });
});
afterAll(() => t.drop());

const PARTES = [
  "HU",
  "H.",
  "HM",
  "he",
  "Sta.",
  "UPA",
  "24h",
  "24 horas",
  "24",
  "hs",
  "(Zona Sul)",
  "(",
  ")",
  "d'Água",
  "d’Ouro",
  "Dr.",
  "Drª",
  "São",
  "João",
  "–",
  "ÇÃO",
  "PS",
  "pa",
  "E",
  "de",
  "da",
  "🏥",
  "nº 5",
  "Ø",
  "ß",
  "İ",
  "Σ",
  "ﬁ",
  "１２",
  "N.S.",
  "NSA",
  "mat",
  "Jd",
  "Pq.",
  "Vl",
  "Hosp",
  "Mun.",
  "univ",
  "\t",
  "\n",
  "\u00a0",
  "-",
  "/",
  "_",
  "Ñandú",
  "pingüim",
  "𝐇𝐨𝐬𝐩",
];

/** 400 texts, always the same: a congruential generator stands in for chance. */
function textos(): string[] {
  let semente = 20261125;
  const proximo = (n: number) => {
    semente = (semente * 1103515245 + 12345) % 2147483648;
    return Math.floor((semente / 2147483648) * n);
  };
  return Array.from({ length: 400 }, () =>
    Array.from(
      { length: 1 + proximo(6) },
      () => (PARTES[proximo(PARTES.length)] ?? "") + (proximo(4) === 0 ? "" : " "),
    ).join(""),
  );
}

test("a forma de busca é a mesma em SQL e em TypeScript", async () => {
  const catalogo = await t.sql<{ x: string }>(
    "select alias as x from hospitais_alias union select nome from hospitais union select alias from especialidades_alias union select nome from especialidades",
  );
  const todos = [...textos(), ...catalogo.map((r) => r.x), ""];
  expect(todos.length).toBeGreaterThan(450);
  const linhas = await t.sql<{ x: string; busca: string }>(
    "select x, fn_normalizar_busca(x) as busca from unnest($1::text[]) with ordinality as u(x, ordem) order by ordem",
    [todos],
  );
  expect(linhas.map((l) => l.busca)).toEqual(todos.map(normalizarBusca));
});

test("a similaridade é a do pg_trgm", async () => {
  const a = textos();
  const b = [...a.slice(1), a[0] ?? ""];
  const linhas = await t.sql<{ s: number }>(
    `select interno.semelhanca(fn_normalizar_busca(a), fn_normalizar_busca(b)) as s
       from unnest($1::text[], $2::text[]) with ordinality as u(a, b, ordem) order by ordem`,
    [a, b],
  );
  expect(linhas.filter((l) => l.s > 0).length).toBeGreaterThan(100);
  linhas.forEach((l, i) => {
    expect(Number(l.s), `${a[i]} × ${b[i]}`).toBeCloseTo(similaridade(a[i] ?? "", b[i] ?? ""), 4);
  });
});

test("o hash de deduplicação é o mesmo", async () => {
  const chave = {
    hospital_id: "0f0e0d0c-0000-4000-8000-000000000001",
    data: "2026-03-14",
    periodo_id: null,
    especialidade_id: "0f0e0d0c-0000-4000-8000-000000000002",
  };
  const [linha] = await t.sql<{ h: string }>(
    "select md5(concat_ws('|', $1::uuid, $2::date, coalesce($3::uuid::text, 'sem_periodo'), $4::uuid)) as h",
    [chave.hospital_id, chave.data, chave.periodo_id, chave.especialidade_id],
  );
  expect(linha?.h).toBe(hashDedup(chave));
});
