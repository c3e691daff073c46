/** `print-totals.ts FILE CODE`: the last line of scripts/test and its exit code, from the reporter's file and vitest's code. */
import { readFileSync } from "node:fs";

const [file = "", code = "1"] = process.argv.slice(2);
const text = readFileSync(file, "utf8");
const { passed, failed } = (text === "" ? { passed: 0, failed: 0 } : JSON.parse(text)) as Record<string, number>;
// Vitest that ended badly without a failing test (did not start, no test found) is a failure too.
const failures = failed === 0 && code !== "0" ? 1 : failed;
console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
