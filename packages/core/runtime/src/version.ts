import { z } from "zod";

/** Spread into an app's config schema: which build is running. */
export const versionConfigShape = {
  GIT_SHA: z.string().optional().describe("versão em execução"),
  RAILWAY_GIT_COMMIT_SHA: z.string().optional().describe("versão, quando GIT_SHA não diz"),
  BUILD_TIME: z.string().optional().describe("quando a imagem foi feita"),
  RAILWAY_DEPLOYMENT_ID: z.string().optional().describe("identificação do deploy"),
  RAILWAY_ENVIRONMENT: z.string().optional().describe("ambiente do Railway"),
} as const;

/** The commit of the running build. An image built without the argument says `unknown`, which counts as unset. */
export function versionOf(config: {
  GIT_SHA?: string | undefined;
  RAILWAY_GIT_COMMIT_SHA?: string | undefined;
}): string {
  return firstKnown(config.GIT_SHA, config.RAILWAY_GIT_COMMIT_SHA);
}

/** The first value that says something, else `unknown`. */
export function firstKnown(...values: (string | undefined)[]): string {
  return values.find((v) => v && v !== "unknown") ?? "unknown";
}
