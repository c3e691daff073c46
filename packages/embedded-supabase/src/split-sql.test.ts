import { expect, test } from "vitest";
import { splitSql } from "./split-sql.ts";

const texts = (sql: string) => splitSql(sql).map((statement) => statement.text);

test("statements end at semicolons and the last one needs none", () => {
  expect(texts("select 1; select 2;\n\nselect 3")).toEqual(["select 1", "select 2", "select 3"]);
});

test("a semicolon inside quotes, dollar quotes or comments ends nothing", () => {
  const statements = [
    "select ';', 'it''s;', \";\"",
    "select E'\\';', 'a\\'",
    "select $$ ; $$ , $corpo$ $$ ; $corpo$",
    "select 1 -- ; not here",
    "select /* ; /* ; */ ; */ 2",
  ];
  expect(texts(statements.join("\n;\n"))).toEqual(statements);
});

test("a dollar sign inside a name or a parameter opens no quote", () => {
  expect(texts("select a$b$ from t; select $1; select $2")).toEqual(["select a$b$ from t", "select $1", "select $2"]);
});

test("a file of comments alone holds no statement", () => {
  expect(texts("-- nothing\n/* here */\n;;")).toEqual([]);
});

test("the line is the one of the first word, below the comments", () => {
  expect(splitSql("-- um\n\nselect 1;\n/* dois\n*/ select\n 2;").map((s) => s.line)).toEqual([3, 5]);
});

test("functions keep their bodies whole", () => {
  const body = "create function f() returns void language plpgsql as $$\nbegin\n  perform 1;\nend $$";
  expect(texts(`${body};\nselect 1;`)).toEqual([body, "select 1"]);
});
