/** The names that somebody may have meant, best first, at most `max`. Empty when none is near. */
export function nearNames(given: string, names: readonly string[], max = 3): string[] {
  const wanted = normal(given);
  return names
    .map((name) => ({ name, distance: distanceOf(wanted, normal(name)) }))
    .filter(({ distance }) => distance <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, max)
    .map(({ name }) => name);
}

/** Hyphens, spaces and case are how a name is typed, not what it says. */
function normal(name: string): string {
  return name.toLowerCase().replace(/[\s-]+/g, "_");
}

/** Levenshtein's; a name that contains the given one (`grupos`) is near whatever its length. */
function distanceOf(given: string, name: string): number {
  if (given.length >= 3 && name.includes(given)) return given === name ? 0 : 1;
  let previous = Array.from({ length: name.length + 1 }, (_, i) => i);
  for (let i = 1; i <= given.length; i++) {
    const row = [i];
    for (let j = 1; j <= name.length; j++) {
      const same = given[i - 1] === name[j - 1] ? 0 : 1;
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same));
    }
    previous = row;
  }
  return previous[name.length] ?? 0;
}
