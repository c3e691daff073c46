import type { ApiDeps } from "../deps.ts";
import { genericamente, PRAZO_MS } from "./relatorio.ts";

export interface SondaBanco {
  estado: "ok" | "error";
  erro?: string;
}

export interface SondaEvolution {
  estado: "skipped" | "ok" | "degraded" | "unknown";
  erro?: string;
}

/** Uma pergunta trivial ao banco, em até 5 s. Não lança. */
export async function sondarBanco({ db, log }: ApiDeps): Promise<SondaBanco> {
  try {
    await db.call("dobra", { p_texto: "a" }, { timeoutMs: PRAZO_MS });
    return { estado: "ok" };
  } catch (err) {
    log.warn({ err }, "banco não respondeu à sonda de saúde");
    return { estado: "error", erro: genericamente(err) };
  }
}

/** `ok` só com a instância `open`; `skipped` sem configuração. Não lança: sem WhatsApp os jobs continuam úteis. */
export async function sondarEvolution({ evolution, config, log }: ApiDeps): Promise<SondaEvolution> {
  if (!evolution || !config.EVOLUTION_INSTANCE) return { estado: "skipped" };
  try {
    const conexao = await evolution.estadoConexao(config.EVOLUTION_INSTANCE, { signal: AbortSignal.timeout(PRAZO_MS) });
    const estado = conexao?.estado ?? "inexistente";
    if (estado === "open") return { estado: "ok" };
    return { estado: "degraded", erro: `a instância está ${estado}` };
  } catch (err) {
    log.warn({ err }, "Evolution não respondeu à sonda de saúde");
    return { estado: "unknown", erro: "a Evolution não respondeu" };
  }
}
