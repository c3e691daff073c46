import { spawnTied } from "./tied-process.ts";

export interface DataLock {
  release(): Promise<void>;
}

/** A process that was killed lets go a moment later: whoever starts in its place waits this long. */
const TRIES_OF_100_MS = 20;

const HOLD = `
command -v flock >/dev/null || { echo unavailable; exec tail -f /dev/null; }
exec 9>"$1"
for ((i = 0; i < ${TRIES_OF_100_MS}; i++)); do
  flock -n 9 && { echo held; exec tail -f /dev/null; }
  sleep 0.1
done
echo busy
`;

/**
 * One process per data folder. flock(1) holds the lock in a tied child, so the kernel frees it when we die, however we
 * die, and nothing stale can be left. Without flock (macOS) there is no lock; PostgreSQL's own still guards its files.
 *
 * @throws Error naming the folder when another process holds it.
 */
export async function lockDataDir(dir: string, log: (line: string) => void): Promise<DataLock> {
  const holder = await spawnTied("bash", ["--norc", "-c", HOLD, "lock", `${dir}/lock`], { signal: "KILL" });
  const answer = await new Promise<string>((resolve) => {
    holder.child.stdout?.once("data", (chunk) => resolve(String(chunk).trim()));
    void holder.exited.then(() => resolve("busy"));
  });
  if (answer === "busy") {
    await holder.exited;
    throw new Error(
      `A pasta de dados ${dir} já está em uso por outro processo. Pare o outro (Ctrl-C nele) ou escolha outra pasta com DATA_DIR.`,
    );
  }
  if (answer === "unavailable") log("flock não existe nesta máquina: a pasta de dados fica sem trava");
  return { release: () => holder.stop("SIGKILL", 0) };
}
