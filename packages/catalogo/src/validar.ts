import { parseCron } from "#core/cron";
import { parseParams } from "#core/job";
import { errorMessage, PermanentError } from "#core/runtime";
import type { Entrada } from "./entrada.ts";

/**
 * Confere o catálogo antes de qualquer coisa começar: nomes únicos e bem formados, rotas sob `/jobs/`, cron que se entende, e
 * parâmetros que o próprio job aceita. Lança `configuracao_invalida` com todas as entradas ruins: um job que não roda porque a
 * sua linha está errada não pode passar despercebido.
 */
export function validarCatalogo(catalogo: readonly Entrada[]): void {
  const problemas: string[] = [];
  const vistos = new Set<string>();
  for (const e of catalogo) {
    if (vistos.has(e.nome)) problemas.push(`${e.nome}: nome repetido`);
    vistos.add(e.nome);
    if (!/^[a-z][a-z0-9_]*$/.test(e.nome)) problemas.push(`${e.nome}: nome fora do padrão minusculas_com_sublinhado`);
    if (!/^\/jobs\/[a-z0-9-]+$/.test(e.rota)) problemas.push(`${e.nome}: rota ${e.rota} fora de /jobs/`);
    const params = Object.fromEntries(new URLSearchParams(e.endpoint.split("?")[1] ?? ""));
    for (const conferir of [() => parseCron(e.schedule), () => parseParams(e.job.params, params)]) {
      try {
        conferir();
      } catch (err) {
        problemas.push(`${e.nome}: ${errorMessage(err)}`);
      }
    }
  }
  if (problemas.length > 0) {
    throw new PermanentError("configuracao_invalida", `catálogo inválido:\n  - ${problemas.join("\n  - ")}`);
  }
}
