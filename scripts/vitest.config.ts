import { defineConfig } from "vitest/config";

const EVERYWHERE = ["packages/**/src/**", "apps/**", "scripts/**"];
const EXCLUDED = ["**/node_modules/**", "**/.data/**"];

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
    allowOnly: !process.env.CI,
    reporters: ["default", `${import.meta.dirname}/totals-reporter.ts`],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: EVERYWHERE.map((dir) => `${dir}/*.test.ts`),
          exclude: [...EXCLUDED, "**/*.int.test.ts", "**/*.e2e.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "int",
          include: EVERYWHERE.flatMap((dir) => [`${dir}/*.int.test.ts`, `${dir}/*.e2e.test.ts`]),
          exclude: EXCLUDED,
          globalSetup: `${import.meta.dirname}/../packages/core/db-testing/src/global-setup.ts`,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
