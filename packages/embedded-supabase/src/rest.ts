import { type Gateway, startGateway } from "./gateway.ts";
import { type Postgrest, startPostgrest } from "./postgrest.ts";
import { type StackKeys, signRole } from "./stack-keys.ts";

export interface RestOptions {
  /** A database of an embedded server, any role: PostgREST itself connects as `authenticator` with the same password. */
  databaseUrl: string;
  keys: StackKeys;
  /** Database connections of PostgREST, default 10. */
  poolSize?: number;
  log?: (line: string) => void;
  onUnexpectedExit?: (reason: string) => void;
}

/** The Data API of one database. */
export interface Rest {
  /** Project URL for supabase-js, without `/rest/v1`. */
  readonly url: string;
  readonly serviceKey: string;
  readonly anonKey: string;
  readonly pid: number;
  ready(): Promise<void>;
  reloadSchema(): Promise<void>;
  stop(): Promise<void>;
}

/** One PostgREST (a child process) and one gateway (a server in this process) on a database. About 0.2 s. */
export async function startRest(options: RestOptions): Promise<Rest> {
  const { keys } = options;
  const databaseUrl = new URL(options.databaseUrl);
  databaseUrl.username = "authenticator";
  databaseUrl.password = keys.databasePassword;
  const postgrest: Postgrest = await startPostgrest({
    databaseUrl: databaseUrl.href,
    jwtSecret: keys.jwtSecret,
    poolSize: options.poolSize ?? 10,
    log: options.log ?? (() => undefined),
    ...(options.onUnexpectedExit ? { onUnexpectedExit: options.onUnexpectedExit } : {}),
  });
  let gateway: Gateway;
  try {
    gateway = await startGateway({
      socketPath: postgrest.socketPath,
      tokens: new Map([
        [keys.serviceKey, signRole("service_role", keys.jwtSecret)],
        [keys.anonKey, signRole("anon", keys.jwtSecret)],
      ]),
    });
  } catch (err) {
    await postgrest.stop();
    throw err;
  }
  return {
    url: gateway.url,
    serviceKey: keys.serviceKey,
    anonKey: keys.anonKey,
    pid: postgrest.pid,
    ready: () => postgrest.ready(),
    reloadSchema: () => postgrest.reloadSchema(),
    async stop() {
      await gateway.close();
      await postgrest.stop();
    },
  };
}
