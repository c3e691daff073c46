/** A API de verdade com o catálogo publicado inteiro, num processo só seu, para `bench:health`. Fala com o pai por IPC. */
import { createLogger, loadConfig, systemClock } from "#core/runtime";
import { buildApp } from "../../apps/api/src/app.ts";
import { ApiConfig } from "../../apps/api/src/config.ts";
import { createDeps } from "../../apps/api/src/deps.ts";
import { VIGIADOS_PUBLICADOS } from "../../packages/catalogo/src/testing/publicado.ts";

const config = loadConfig(ApiConfig, process.env);
const deps = await createDeps({
  config,
  clock: systemClock,
  log: createLogger({ level: "error" }),
  shutdown: new AbortController().signal,
});
const app = await buildApp({ ...deps, vigiados: VIGIADOS_PUBLICADOS });
process.send?.({ url: await app.listen({ port: 0, host: "127.0.0.1" }) });
