import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What scripts/demo.ts gets to work with; everything is up and ready. */
export interface DemoContext {
  /** Of the API, without a slash at the end. */
  apiUrl: string;
  /** Headers that open the API (the bearer token, if there is one). */
  headers: Record<string, string>;
  supabaseUrl: string;
  serviceKey: string;
  /** Superuser connection; undefined with a Supabase that is not embedded. */
  databaseUrl: string | undefined;
  /** Aborted at Ctrl-C. */
  signal: AbortSignal;
}

/** Runs `demo(context)` of scripts/demo.ts. */
export async function runDemo(root: string, context: DemoContext): Promise<void> {
  const file = pathToFileURL(join(root, "scripts", "demo.ts")).href;
  const { demo } = (await import(file)) as { demo: (context: DemoContext) => Promise<void> };
  await demo(context);
}
