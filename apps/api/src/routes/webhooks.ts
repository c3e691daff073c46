import type { FastifyInstance } from "fastify";
import { ingerirWebhook } from "#dominio/grupos";
import type { ApiDeps } from "../deps.ts";
import { exigirTokenWebhook } from "../plugins/auth.ts";

/** Uma mídia em base64 não vem neste webhook; textos e metadados cabem com folga. */
const MAIOR_CORPO = 2 * 1024 * 1024;

/** `POST /webhooks/evolution`: o evento vira linhas numa transação, e a resposta sai logo. */
export function rotasDeWebhooks(app: FastifyInstance, deps: ApiDeps): void {
  app.post(
    "/webhooks/evolution",
    { onRequest: exigirTokenWebhook(deps.config.WEBHOOK_TOKEN), bodyLimit: MAIOR_CORPO },
    async (request) => ingerirWebhook(request.body, deps.ingestao),
  );
}
