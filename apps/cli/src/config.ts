import { z } from "zod";
import { httpUrl } from "#core/runtime";

/** O ambiente da CLI, lido em `main.ts`. */
export const CliConfig = z.object({
  JULIA_API_URL: httpUrl.default("http://127.0.0.1:8000").describe("endereço da API"),
  JOBS_API_TOKEN: z.string().min(1).optional().describe("o mesmo da API"),
  NO_COLOR: z.string().optional().describe("definida, nada é colorido"),
});
