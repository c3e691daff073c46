/**
 * The whole stack as one process: `node main.ts --data-dir DIR [--migrations DIR] [--seed FILE] [--not-durable]`.
 * Prints one JSON line when it is ready (`{url, serviceKey, anonKey, databaseUrl, pids}`); SIGTERM or SIGINT stops it.
 */
import { parseArgs } from "node:util";
import { migrate, seed } from "./migrate.ts";
import { startEmbeddedSupabase } from "./stack.ts";

const { values } = parseArgs({
  options: {
    "data-dir": { type: "string" },
    migrations: { type: "string" },
    seed: { type: "string" },
    "not-durable": { type: "boolean", default: false },
  },
});
if (values["data-dir"] === undefined) throw new Error("falta --data-dir PASTA");

const fail = (reason: string) => {
  console.error(reason);
  process.exit(1); // the parts are tied to us
};
const stack = await startEmbeddedSupabase({
  dataDir: values["data-dir"],
  durable: !values["not-durable"],
  onUnexpectedExit: fail,
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    stack.stop().then(
      () => process.exit(0),
      (err) => fail(String(err)),
    );
  });
}
if (values.migrations !== undefined) await migrate(stack.databaseUrl, values.migrations);
if (values.seed !== undefined) await seed(stack.databaseUrl, values.seed);
await stack.reloadSchema();
const { url, serviceKey, anonKey, databaseUrl, pids } = stack;
console.log(JSON.stringify({ url, serviceKey, anonKey, databaseUrl, pids }));
