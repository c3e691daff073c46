import { createWriteStream, existsSync, renameSync, statSync } from "node:fs";

const MAX_BYTES = 20_000_000;

export interface LogFile {
  readonly path: string;
  write(line: string): void;
}

/** Appends lines to a file; one that has grown beyond 20 MB is set aside first (`.old`, one of them). */
export function openLogFile(path: string): LogFile {
  if (existsSync(path) && statSync(path).size > MAX_BYTES) renameSync(path, `${path}.old`);
  const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
  stream.on("error", (err) => console.error(`não foi possível escrever em ${path}: ${err.message}`));
  return { path, write: (line) => void stream.write(`${line}\n`) };
}
