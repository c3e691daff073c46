import { defineConfig } from "vitest/config";
import { LongestFirst } from "./longest-first.ts";

const EVERYWHERE = ["packages/**/src/**", "apps/**", "scripts/**"];
const EXCLUDED = ["**/node_modules/**", "**/.data/**"];
/** Their tests put their own clock or their own answers in place of the process's: each file has a process of its own. */
const PATCH_GLOBALS = ["packages/core/http/src/**/*.test.ts", "packages/clients/**/src/**/*.test.ts"];
const NOT_PURE = ["**/*.int.test.ts", "**/*.e2e.test.ts"];

/**
 * Three kinds of tests, told apart by their names: `x.test.ts` is pure and quick, `x.int.test.ts` talks to a real
 * PostgreSQL, `x.e2e.test.ts` starts processes. Only the last two pay for a database server. No retries: a test that fails
 * sometimes is a test that fails.
 */
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  test: {
    maxWorkers: 3,
    // Only for suites that ask for it: tests that wait side by side for another program's timers.
    maxConcurrency: 20,
    teardownTimeout: 20_000,
    sequence: { sequencer: LongestFirst },
    allowOnly: !process.env.CI,
    reporters: ["default", `${import.meta.dirname}/totals-reporter.ts`],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: EVERYWHERE.map((dir) => `${dir}/*.test.ts`),
          exclude: [...EXCLUDED, ...NOT_PURE, ...PATCH_GLOBALS],
          // Pure, so they share processes: a process of its own for each of a hundred files costs two thirds of their time.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "unit-alone",
          include: PATCH_GLOBALS,
          exclude: [...EXCLUDED, ...NOT_PURE],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "int",
          include: EVERYWHERE.flatMap((dir) => [`${dir}/*.int.test.ts`, `${dir}/*.e2e.test.ts`]),
          exclude: EXCLUDED,
          // Each file has a database of its own; the process they may share.
          isolate: false,
          globalSetup: `${import.meta.dirname}/../packages/core/db-testing/src/global-setup.ts`,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
