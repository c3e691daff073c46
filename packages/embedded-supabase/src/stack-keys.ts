import { createHmac, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";

/** Secrets of one data folder, made once. */
const StackKeys = z.object({
  /** `sb_secret_…`: acts as service_role. */
  serviceKey: z.string(),
  /** `sb_publishable_…`: acts as anon. */
  anonKey: z.string(),
  /** Signs the role tokens between gateway and PostgREST. */
  jwtSecret: z.string(),
  /** Password of the database's superuser and of `authenticator`: other users of this machine can reach the port. */
  databasePassword: z.string(),
});
export type StackKeys = z.infer<typeof StackKeys>;

export function newKeys(): StackKeys {
  const random = () => randomBytes(24).toString("base64url");
  return {
    serviceKey: `sb_secret_${random()}`,
    anonKey: `sb_publishable_${random()}`,
    jwtSecret: random() + random(),
    databasePassword: random(),
  };
}

/** Reads the keys of `file` or writes new ones there, readable by the owner alone. */
export function loadKeys(file: string): StackKeys {
  if (existsSync(file)) return StackKeys.parse(JSON.parse(readFileSync(file, "utf8")));
  const keys = newKeys();
  writeFileSync(`${file}.new`, JSON.stringify(keys, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file); // whole or absent, should we die in between
  return keys;
}

/** A role token as PostgREST expects it (HS256). */
export function signRole(role: "service_role" | "anon", secret: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${part({ role })}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}
