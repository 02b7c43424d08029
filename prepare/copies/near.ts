/**
 * For each print those within a distance of it. Prints fall into cells by their sums with a few fixed patterns, none of which changes faster
 * than the distance: so only neighbouring cells are compared.
 *
 * @param prints `[N]` each, of one length.
 * @param radius Euclidean.
 */
export function* nearPairs(
  prints: { print: Uint8Array; index: number }[],
  radius: number,
): Generator<[number, number]> {
  const [first] = prints;
  if (!first) return;
  const patterns = [0, 1, 2].map((frequency) => cosine(first.print.length, frequency));
  const grid = new Map<string, { print: Uint8Array; index: number }[]>();
  for (const entry of prints) {
    const cell = patterns.map((pattern) => Math.floor(dot(pattern, entry.print) / radius));
    for (const near of neighbours(cell)) {
      for (const other of grid.get(near) ?? []) {
        if (isWithin(radius, entry.print, other.print)) yield [other.index, entry.index];
      }
    }
    const key = cell.join();
    grid.set(key, [...(grid.get(key) ?? []), entry]);
  }
}

/** Of length 1. */
function cosine(length: number, frequency: number): Float64Array {
  const pattern = Float64Array.from({ length }, (_, i) => Math.cos((Math.PI * frequency * (i + 0.5)) / length));
  const norm = Math.sqrt(pattern.reduce((sum, value) => sum + value * value, 0));
  return pattern.map((value) => value / norm);
}

function dot(pattern: Float64Array, print: Uint8Array): number {
  return print.reduce((sum, value, i) => sum + value * (pattern[i] as number), 0);
}

function neighbours([a = 0, b = 0, c = 0]: number[]): string[] {
  const steps = [-1, 0, 1];
  return steps.flatMap((i) => steps.flatMap((j) => steps.map((k) => `${a + i},${b + j},${c + k}`)));
}

function isWithin(radius: number, a: Uint8Array, b: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < a.length && sum <= radius * radius; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum <= radius * radius;
}
