import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { spawnTied } from "./tied-process.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "julia-tied-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/**
 * bash takes a standard input that is a socket for a remote login, and then runs ~/.bashrc first: what a person wrote there
 * would be said in the child's name, and cost every start its time.
 */
test("a tied process starts without what the user's ~/.bashrc says", async () => {
  writeFileSync(join(home, ".bashrc"), "echo from-bashrc; export LEAKED=yes\n");
  const tied = await spawnTied("sh", ["-c", 'echo "program:$LEAKED"'], {
    signal: "TERM",
    env: { PATH: process.env.PATH, HOME: home, SSH_CLIENT: "192.0.2.1 1 22" },
  });
  let said = "";
  for (const stream of [tied.child.stdout, tied.child.stderr]) stream?.on("data", (chunk) => (said += String(chunk)));
  await new Promise((resolve) => tied.child.once("close", resolve));
  expect(said).toBe("program:\n");
});
