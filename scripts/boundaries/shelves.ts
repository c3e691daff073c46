/** Where a file belongs: the unit that the table "Who may import whom" speaks of. */
export interface Shelf {
  /** `core/db`, `clients/llm`, `dominio/grupos`, `catalogo`, `embedded`, `apps/api`, `scripts`. */
  name: string;
  /** Tests and their support, which the product never loads. */
  isTest: boolean;
}

const TEST_FILE = /\.(test|int\.test|e2e\.test)\.ts$|(^|\/)(testing|test|__fixtures__)\//;

/** Shelf of a path relative to the repository; undefined outside packages, apps and scripts. */
export function shelfOf(path: string): Shelf | undefined {
  const name = nameOf(path);
  return name === undefined ? undefined : { name, isTest: TEST_FILE.test(path) || name === "core/db-testing" };
}

function nameOf(path: string): string | undefined {
  const [top, second, third] = path.split("/");
  if (top === "scripts") return "scripts";
  if (top === "apps" && second !== undefined) return `apps/${second}`;
  if (top !== "packages" || second === undefined) return undefined;
  if (second === "embedded-supabase") return "embedded";
  if (second === "catalogo") return "catalogo";
  return third === undefined ? undefined : `${second}/${third}`;
}

/** Shelf that a specifier names: `#core/db` → `core/db`; undefined for libraries and relative paths. */
export function shelfOfSpecifier(specifier: string): string | undefined {
  return specifier.startsWith("#") ? specifier.slice(1) : undefined;
}
