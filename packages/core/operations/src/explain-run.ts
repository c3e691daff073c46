import { BUSY } from "#core/executions";
import { durationWords, momentWords } from "#core/runtime";
import type { Run } from "./slot-facts.ts";

/** Why an attempt ended as it did; `words` continues "… às 10:00:01". */
export interface RunExplanation {
  causa:
    | "executou"
    | "nada_a_fazer"
    | "em_andamento"
    | "api_fora"
    | "api_recusou"
    | "api_erro"
    | "trava_ocupada"
    | "timeout"
    | "interrompido"
    | "erro";
  words: string;
}

/** @param noop what the job answered when it deliberately did nothing (pilot mode, outside hours …). */
export function explainRun(run: Run, noop: { motivo: string; message?: string | undefined } | null): RunExplanation {
  const took = run.durationMs === null ? "" : ` em ${durationWords(run.durationMs)}`;
  const http = run.responseCode === null ? "" : `, HTTP ${run.responseCode}`;
  switch (run.status) {
    case "running":
      return { causa: "em_andamento", words: "e ainda está em andamento" };
    case "success":
      if (noop !== null) {
        const why = noop.motivo === "modo_piloto" ? "modo piloto" : noop.motivo;
        const message = noop.message === undefined ? "" : ` (${noop.message})`;
        return { causa: "nada_a_fazer", words: `e deliberadamente não fez nada: ${why}${message}` };
      }
      return { causa: "executou", words: `e terminou bem${took}${http}${items(run.items)}` };
    case "timeout":
      return { causa: "timeout", words: `e foi cortado por passar do prazo (${run.error ?? "timeout"})` };
    case "error":
      return explainError(run, run.error ?? "", took);
  }
}

function explainError(run: Run, error: string, took: string): RunExplanation {
  if (error === BUSY) {
    return {
      causa: "trava_ocupada",
      words: "mas a API recusou porque a execução anterior ainda segurava a trava do job (job_em_execucao)",
    };
  }
  if (error.startsWith("interrompido:")) {
    const why = error.slice("interrompido:".length).trim();
    const when = run.finishedAt === null ? "" : ` em ${momentWords(run.finishedAt, { seconds: true })}`;
    return { causa: "interrompido", words: `e foi interrompido${when}: ${why}` };
  }
  const code = run.responseCode;
  if (code === null) {
    const refused = error.startsWith("Connection refused");
    const words = refused
      ? `mas a API recusou a conexão (${error}): ela não estava no ar`
      : `mas a chamada à API falhou na rede (${error})`;
    return { causa: "api_fora", words };
  }
  if (code === 401 || code === 403) {
    return {
      causa: "api_recusou",
      words: `mas a API recusou o token (HTTP ${code}): JOBS_API_TOKEN do scheduler e da API diferem`,
    };
  }
  if (code >= 300) {
    // The stored text repeats the code; what the API said comes after it.
    const said = error.replace(/^HTTP \d+[^:]*:?\s*/, "");
    return {
      causa: code < 500 ? "api_recusou" : "api_erro",
      words: `mas a API respondeu HTTP ${code}${said === "" ? "" : `: ${said}`}`,
    };
  }
  return { causa: "erro", words: `e terminou com erro${took}: ${error}` };
}

function items(n: number | null): string {
  if (n === null) return "";
  return n === 1 ? ", 1 item" : `, ${n} itens`;
}
