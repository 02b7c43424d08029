import type { GraphBuilder, Value } from '../onnx/graph.ts';
import type { PowerSpectrum } from './powerSpectrum.ts';
import { reshape, slice } from './shapes.ts';

/** What the nodes of one more group take, in products of matrices: some 10 µs on an Intel Xeon of 2023. */
const productsPerGroup = 600_000;
const mostGroups = 8;

export interface MelBands {
  /** What the nodes' names begin with. */
  scope: string;
  /** `[F, M]`, row-major: how much of each bin a band takes. */
  filters: Float32Array;
  /** M. */
  bands: number;
  /** Of all mel bands, from the lowest edge to the highest. */
  hz: readonly [number, number];
  /** T. */
  frames: number;
}

/** What a band reads of the spectrum: bins, by where they stand, and how high its filter is there. */
type Band = { block: number; row: number; height: number }[];

/** Bands next to each other, and the blocks of the spectrum that they read. */
interface Group {
  bands: Band[];
  first: number;
  end: number;
}

/**
 * Mel bands of a power spectrum, as products with matrices. A band reads few bins, so bands are taken in groups, and each group is multiplied
 * with its own part of the spectrum alone. The file holds the numbers of the filters that are not 0; ONNX Runtime makes the matrices when it
 * loads the graph.
 *
 * @returns `[M, B · T]`.
 */
export function addMelBands(
  graph: GraphBuilder,
  { power, bins }: PowerSpectrum,
  { scope, filters, bands: count, hz, frames }: MelBands,
): Value {
  const [rows] = power.shape as [number];
  const groups = cheapestGroups(bandsOf(bins, filters, count), rows * frames);
  const parts = groups.map(({ bands, first, end }, i) => {
    const name = groups.length > 1 ? `${scope}/mel_${i + 1}` : `${scope}/mel`;
    const columns = rows * (end - first);
    const positions: number[] = [];
    const heights: number[] = [];
    for (const [m, band] of bands.entries()) {
      for (const { block, row, height } of band) {
        positions.push(m * columns + row * (end - first) + block - first);
        heights.push(height);
      }
    }
    const size = graph.integers(`${name}/size`, [bands.length * columns]);
    const filled = graph.node('ScatterElements', {
      name: `${name}/filled`,
      inputs: [
        graph.node('ConstantOfShape', { name: `${name}/empty`, inputs: [size] }),
        graph.constant(`${name}/positions`, Int32Array.from(positions), [positions.length]),
        graph.constant(`${name}/heights`, Float32Array.from(heights), [heights.length]),
      ],
    });
    const matrix = reshape(graph, `${name}/filters`, filled, [bands.length, columns]);
    const part = slice(graph, `${name}/blocks`, power, { axis: 1, start: first, end });
    return graph.node('MatMul', {
      name,
      inputs: [matrix, reshape(graph, `${name}/bins`, part, [columns, -1])],
      doc: `${bands.length} of the mel bands from ${hz[0]} to ${hz[1]} Hz.`,
    });
  });
  if (parts.length === 1) return parts[0] as Value;
  return graph.node('Concat', { name: `${scope}/mel`, inputs: parts, attributes: { axis: 0 } });
}

function bandsOf(bins: number[][], filters: Float32Array, count: number): Band[] {
  const place = new Map<number, { block: number; row: number }>();
  for (const [block, rows] of bins.entries()) {
    for (const [row, bin] of rows.entries()) if (!place.has(bin)) place.set(bin, { block, row });
  }
  const bands = Array.from({ length: count }, (): Band => []);
  for (let bin = 0; bin < filters.length / count; bin++) {
    for (const [m, band] of bands.entries()) {
      const height = filters[bin * count + m] as number;
      if (height > 0) band.push({ ...(place.get(bin) as { block: number; row: number }), height });
    }
  }
  return bands;
}

/** @param perBlock products that one band takes in one block of the spectrum. */
function cheapestGroups(bands: Band[], perBlock: number): Group[] {
  const products = (groups: Group[]) =>
    groups.reduce((sum, { bands, first, end }) => sum + bands.length * (end - first) * perBlock + productsPerGroup, 0);
  const choices = Array.from({ length: Math.min(mostGroups, bands.length) }, (_, i) => groupsOf(bands, i + 1));
  return choices.reduce((best, choice) => (products(choice) < products(best) ? choice : best));
}

function groupsOf(bands: Band[], count: number): Group[] {
  return Array.from({ length: count }, (_, i) => {
    const own = bands.slice(Math.floor((i * bands.length) / count), Math.floor(((i + 1) * bands.length) / count));
    const blocks = own.flat().map(({ block }) => block);
    if (blocks.length === 0) return { bands: own, first: 0, end: 1 }; // filters between two bins are empty
    return { bands: own, first: Math.min(...blocks), end: Math.max(...blocks) + 1 };
  });
}
