import { join } from "node:path";
import { createInterface } from "node:readline";
import { spawnTied, type TiedProcess } from "#embedded";
import { openLogFile } from "./log-file.ts";
import { terminalLine } from "./terminal-line.ts";

export interface AppProcess {
  readonly name: string;
  readonly exited: TiedProcess["exited"];
  /** The last lines it wrote. */
  tail(): string;
  /** SIGTERM, and the app's own time to finish before SIGKILL. */
  stop(): Promise<void>;
}

/** The apps hand their leases back within 25 s. */
const GRACE_MS = 27_000;
const TAIL_LINES = 15;

/** Starts one app the way the image does: `RUN_MODE=… ./entrypoint.sh`. Everything it says goes to `<logDir>/<mode>.log`. */
export async function startApp(
  mode: "api" | "scheduler",
  env: Record<string, string>,
  dirs: { root: string; logDir: string },
): Promise<AppProcess> {
  const file = openLogFile(join(dirs.logDir, `${mode}.log`));
  const last: string[] = [];
  const tied = await spawnTied(join(dirs.root, "entrypoint.sh"), [], {
    cwd: dirs.root,
    env: { ...process.env, ...env, RUN_MODE: mode },
    signal: "TERM",
  });
  for (const stream of [tied.child.stdout, tied.child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      file.write(line);
      last.push(line);
      if (last.length > TAIL_LINES) last.shift();
      const shown = terminalLine(mode, line);
      if (shown !== undefined) console.log(shown);
    });
  }
  return { name: mode, exited: tied.exited, tail: () => last.join("\n"), stop: () => tied.stop("SIGTERM", GRACE_MS) };
}
