import { rmSync } from "node:fs";

/** Removes the folder of a server that has ended. A process of a server that had to be killed may write for a moment more. */
export function removeCluster(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 100, retryDelay: 50 });
}
