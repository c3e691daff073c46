/** Parte de `bench:agendamentos`, num processo só seu: o que espera quem envia uma planilha à API, por HTTP, num formulário. */
import { createLogger, loadConfig, systemClock } from "#core/runtime";
import { buildApp } from "../../apps/api/src/app.ts";
import { ApiConfig } from "../../apps/api/src/config.ts";
import { createDeps } from "../../apps/api/src/deps.ts";
import { agendaDeEnsaio } from "./agenda-de-ensaio.ts";

export interface PedidoHttp {
  url: string;
  serviceKey: string;
  linhas: number;
}

export interface FimHttp {
  /** Do envio à resposta inteira. */
  ms: number;
}

async function medir({ url, serviceKey, linhas }: PedidoHttp): Promise<FimHttp> {
  const deps = await createDeps({
    config: loadConfig(ApiConfig, { APP_ENV: "test", SUPABASE_URL: url, SUPABASE_SERVICE_KEY: serviceKey }),
    clock: systemClock,
    log: createLogger({ level: "error" }),
    shutdown: new AbortController().signal,
  });
  const app = await buildApp(deps);
  const api = await app.listen({ port: 0, host: "127.0.0.1" });
  const conteudo = agendaDeEnsaio(linhas);
  const formulario = new FormData();
  formulario.set("file", new Blob([new Uint8Array(conteudo)]), "agenda.xlsx");
  const inicio = performance.now();
  const resposta = await fetch(`${api}/api/v1/appointments/import?forcar=true`, { method: "POST", body: formulario });
  const corpo = (await resposta.json()) as { jobs_enqueued?: number };
  const ms = Math.round(performance.now() - inicio);
  await app.close();
  await deps.fechar();
  if (corpo.jobs_enqueued !== linhas) throw new Error(`a API respondeu ${resposta.status}: ${JSON.stringify(corpo)}`);
  return { ms };
}

process.once("message", (pedido: PedidoHttp) => {
  medir(pedido).then(
    (fim) => process.send?.(fim, () => process.exit(0)),
    (err: unknown) => {
      process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
      process.exit(1);
    },
  );
});
