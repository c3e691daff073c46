import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface TestCluster {
  /** `host:port`, as in KAFKA_BROKERS. */
  brokers: string[];
  /** What it is, for the name of the suite. */
  kind: string;
  close(): Promise<void>;
}

const START_MS = 20_000;
const REPOSITORY = join(import.meta.dirname, "../../../../..");

/**
 * A cluster to test against: the one that KAFKA_BROKERS names, else librdkafka's mock cluster in Debian's `kcat`
 * (`scripts/get-kcat` fetches it). A text instead: why there is none.
 */
export async function openTestCluster(env: NodeJS.ProcessEnv = process.env): Promise<TestCluster | string> {
  const real = env.KAFKA_BROKERS?.split(",").map((b) => b.trim());
  if (real && real.length > 0) return { brokers: real, kind: "cluster of KAFKA_BROKERS", close: async () => {} };
  const kcat = findKcat(env);
  if (kcat === null) return "neither KAFKA_BROKERS nor kcat: ./scripts/get-kcat fetches the latter";
  return await startMock(kcat);
}

interface Kcat {
  bin: string;
  env: NodeJS.ProcessEnv;
}

/** KCAT_BIN, PATH, or what `scripts/get-kcat` unpacked without being root. */
function findKcat(env: NodeJS.ProcessEnv): Kcat | null {
  const unpacked = join(REPOSITORY, ".data/kcat");
  const paths = [env.KCAT_BIN, ...(env.PATH ?? "").split(delimiter).map((dir) => join(dir, "kcat"))];
  const bin = paths.find((path): path is string => path !== undefined && path !== "" && isExecutable(path));
  if (bin !== undefined) return { bin, env };
  const own = join(unpacked, "usr/bin/kcat");
  if (!isExecutable(own)) return null;
  const libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((arch) => join(unpacked, "usr/lib", arch));
  return { bin: own, env: { ...env, LD_LIBRARY_PATH: libraries.join(":") } };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** kcat reads its standard input for as long as we hold it open, and so lives exactly as long as we do. */
async function startMock({ bin, env }: Kcat): Promise<TestCluster | string> {
  const child = spawn(bin, ["-P", "-X", "test.mock.num.brokers=1", "-d", "mock", "-b", "mock", "-t", "seed"], {
    env,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const address = await addressOf(child);
  if (typeof address !== "string") {
    child.kill("SIGKILL");
    return `kcat started no mock cluster: ${address.why}`;
  }
  return {
    brokers: [address],
    kind: "librdkafka's mock cluster",
    async close() {
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function addressOf(child: ChildProcess): Promise<string | { why: string }> {
  return new Promise((resolve) => {
    let text = "";
    const timer = setTimeout(() => resolve({ why: `no address within ${START_MS} ms` }), START_MS);
    const answer = (found: string | { why: string }) => {
      clearTimeout(timer);
      resolve(found);
    };
    child.once("error", (err) => answer({ why: err.message }));
    child.once("exit", (code) => answer({ why: `exit ${code}: ${text.slice(-300)}` }));
    child.stdin?.on("error", () => {});
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      if (text.length > 100_000) return; // it logs every request; only the first lines are of use
      text += chunk;
      const found = /bootstrap\.servers=(127\.0\.0\.1:\d+)/.exec(text)?.[1];
      if (found) answer(found);
    });
  });
}
