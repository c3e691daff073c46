import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

/**
 * A child process that ends when we end, whatever ends us. We hold the write end of a pipe; a small watcher holds the read
 * end, and end of file, which the kernel delivers even for SIGKILL, makes it stop the child: `signal` first, SIGKILL 2 s
 * later. The watcher is a grandchild of nobody (forked twice), so the child keeps its own pid and waits for no stranger.
 *
 * The child leads a session of its own: Ctrl-C in a terminal reaches only us, and we decide the order in which parts stop.
 */
const WATCHER = `
exec 3<&0 0</dev/null
signal=$1 scratch=$2; shift 2
( { read -r -u 3 word && [ "$word" = done ] && exit 0
    kill -s "$signal" $$ && for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 $$ || break; sleep 0.2; done
    kill -s KILL $$
    [ -z "$scratch" ] || rm -rf "$scratch"
  } >/dev/null 2>&1 & )
exec "$@" 3<&-
`;

export interface TiedOptions extends Pick<SpawnOptions, "cwd" | "env" | "uid" | "gid"> {
  /** What the watcher sends first when we are gone. */
  signal: "TERM" | "INT" | "QUIT" | "KILL";
  /** A folder of the child's own, removed after it when we are gone. */
  scratch?: string;
}

export interface TiedProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Sends `signal`, then SIGKILL after `graceMs`; resolves when the process has ended. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>;
}

/** `stdout` and `stderr` are pipes of `child`; `stdin` is taken by the tie. Rejects when the program cannot be started. */
export async function spawnTied(command: string, args: readonly string[], options: TiedOptions): Promise<TiedProcess> {
  const { signal, scratch = "", ...rest } = options;
  const child = spawn("bash", ["--norc", "-c", WATCHER, "tied", signal, scratch, command, ...args], {
    ...rest,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  // The watcher may be gone before our word arrives.
  child.stdin.on("error", () => undefined);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, sig) => {
      child.stdin.end("done\n"); // nobody to stop any more: the pid may soon be somebody else's
      resolve({ code, signal: sig });
    });
  });
  return {
    pid: child.pid as number,
    child,
    exited,
    async stop(sig, graceMs) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(sig);
      const killer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(killer);
    },
  };
}
