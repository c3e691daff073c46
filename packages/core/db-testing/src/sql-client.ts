import pg from "pg";

/** Runs SQL as superuser, to arrange and to assert; the code under test goes through `db`. */
export type Sql = <Row extends object = Record<string, unknown>>(
  text: string,
  params?: readonly unknown[],
) => Promise<Row[]>;

export interface SqlClient {
  readonly sql: Sql;
  close(): Promise<void>;
}

/** `bigint` and `numeric` arrive as numbers and `date` as `YYYY-MM-DD`, as they would through the Data API. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.NUMERIC, Number],
  [pg.types.builtins.DATE, String],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    format === "binary"
      ? pg.types.getTypeParser(oid, "binary")
      : (PARSERS.get(oid) ?? pg.types.getTypeParser(oid, "text")),
};

/** Connects at the first use; a few statements may run at the same time. */
export function openSql(databaseUrl: string): SqlClient {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4, allowExitOnIdle: true, types });
  pool.on("error", () => undefined); // an idle connection died with the server: the next query gets a new one
  return {
    async sql<Row extends object>(text: string, params: readonly unknown[] = []) {
      const result = await pool.query<Row & pg.QueryResultRow>(text, [...params]);
      return result.rows;
    },
    close: () => pool.end(),
  };
}
