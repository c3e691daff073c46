import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node";

/**
 * Writes `{passed, failed}` to the file named by JULIA_TEST_TOTALS, from which scripts/test makes its last line. A file
 * that could not be loaded and an error outside any test count as failures. A skipped test must say why
 * (`ctx.skip("sem …")`); one that does not is a failure.
 */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const totals = { passed: 0, failed: unhandled.length };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const failed = tests.filter((test) => test.result().state === "failed").length;
      totals.failed += failed;
      if (failed === 0 && module.state() === "failed") totals.failed += 1; // did not load, or a hook failed
      for (const test of tests) {
        const { state } = test.result();
        if (state === "passed") totals.passed += 1;
        if (state === "skipped" && !isFilteredOut(test)) totals.failed += reportSkipped(test);
      }
    }
    const file = process.env.JULIA_TEST_TOTALS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(totals));
  }
}

/** Tests that `-t` left out are skipped too, without anybody having to say why. */
function isFilteredOut(test: TestCase): boolean {
  const pattern = test.project.config.testNamePattern;
  return pattern !== undefined && !pattern.test(test.fullName);
}

/** @returns how many failures this skip counts as. */
function reportSkipped(test: TestCase): 0 | 1 {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  console.log(`pulado: ${test.module.relativeModuleId} > ${test.fullName}: ${note ?? "SEM MOTIVO (conta como falha)"}`);
  return note === undefined ? 1 : 0;
}
