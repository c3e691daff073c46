import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, longest first: begun first, the two cores end together. */
const LONGEST = [
  "apps/api/test/grupos-falhas.e2e.test.ts",
  "scripts/up.e2e.test.ts",
  "packages/core/topics/src/faults.e2e.test.ts",
  "apps/api/test/app.int.test.ts",
  "apps/worker/test/topicos.e2e.test.ts",
  "packages/embedded-supabase/src/stack.int.test.ts",
  "apps/scheduler/test/casos.e2e.test.ts",
  "scripts/caos/caos.e2e.test.ts",
];
const PROJECTS = ["int", "unit-alone", "unit"];

/** Vitest's own order knows how long a file took last time, which a fresh clone does not. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort(
      (a, b) =>
        PROJECTS.indexOf(a.project.name) - PROJECTS.indexOf(b.project.name) || rank(a.moduleId) - rank(b.moduleId),
    );
  }
}

function rank(path: string): number {
  const place = LONGEST.findIndex((name) => path.endsWith(`/${name}`));
  if (place >= 0) return place;
  return LONGEST.length + (path.endsWith(".e2e.test.ts") ? 0 : 1);
}
