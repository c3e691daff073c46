import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { documentoOpenApi } from "../openapi.ts";
import type { Ferramenta } from "./manual.ts";

/** A página não busca nada fora e não aparece dentro de outra; o estilo embutido é o do Swagger UI. */
const SO_DAQUI =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'";

/** `/openapi.json` e uma página navegável em `/docs`, sem nada de fora. */
export async function rotasDeDocumentacao(app: FastifyInstance, ferramentas: readonly Ferramenta[]): Promise<void> {
  const document = documentoOpenApi(ferramentas);
  app.get("/openapi.json", async () => document);
  await app.register(swagger, { mode: "static", specification: { document: document as never } });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: SO_DAQUI });
}
