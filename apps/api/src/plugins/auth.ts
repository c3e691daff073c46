import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import { PermanentError } from "#core/runtime";

/** Confere um segredo em tempo constante, qualquer que seja o tamanho do que veio. */
export function mesmoSegredo(dado: string, esperado: string): boolean {
  const resumo = (texto: string) => createHash("sha256").update(texto).digest();
  return timingSafeEqual(resumo(dado), resumo(esperado));
}

/**
 * `Authorization: Bearer …`, ou Basic com qualquer usuário, para que um navegador possa perguntar. Antes de ler o corpo. Sem nenhum
 * token configurado não há conferência (`decisions.md` §4).
 */
export function exigirToken(...aceitos: readonly (string | undefined)[]): onRequestAsyncHookHandler {
  const tokens = aceitos.filter((t) => t !== undefined);
  return async (request) => {
    if (tokens.length === 0) return;
    const dado = doAuthorization(request);
    // Todos são conferidos, para que o tempo não diga qual estava perto.
    const certos = tokens.filter((t) => dado !== null && mesmoSegredo(dado, t));
    if (certos.length === 0) {
      throw new PermanentError("nao_autorizado", "envie Authorization: Bearer com o token de JOBS_API_TOKEN");
    }
  };
}

/** Os webhooks têm segredo próprio: Bearer, `apikey`, `x-webhook-token` ou `?token=`. */
export function exigirTokenWebhook(token: string | undefined): onRequestAsyncHookHandler {
  return async (request) => {
    if (token === undefined) return;
    const candidatos = [
      doAuthorization(request),
      umTexto(request.headers.apikey),
      umTexto(request.headers["x-webhook-token"]),
      umTexto((request.query as Record<string, unknown>).token),
    ];
    // Todos são conferidos, para que o tempo não diga qual estava perto.
    const certos = candidatos.filter((c) => c !== null && mesmoSegredo(c, token));
    if (certos.length === 0) {
      throw new PermanentError(
        "nao_autorizado",
        "envie o segredo de WEBHOOK_TOKEN em Authorization, apikey ou x-webhook-token",
      );
    }
  };
}

function doAuthorization(request: FastifyRequest): string | null {
  const [esquema = "", valor = ""] = (request.headers.authorization ?? "").split(" ");
  if (/^bearer$/i.test(esquema)) return valor;
  if (!/^basic$/i.test(esquema)) return null;
  const par = Buffer.from(valor, "base64").toString("utf8");
  const separador = par.indexOf(":");
  return separador < 0 ? null : par.slice(separador + 1);
}

function umTexto(valor: unknown): string | null {
  return typeof valor === "string" ? valor : null;
}
