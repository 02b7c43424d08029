import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { reshape, slice, transpose } from './shapes.ts';

export interface PowerSpectrumOptions {
  /** What the nodes' names begin with. */
  scope: string;
  /** Of the frames: `[windowLength]`, what each sample is multiplied by. One longer than nFft gives every so many bins of its whole transform. */
  window: Float32Array;
  hopLength: number;
  nFft: number;
  /** The lowest frequency bin that is wanted. */
  firstBin: number;
  /** The highest. */
  lastBin: number;
}

export interface PowerSpectrum {
  /** `[rows, blocks, B · T]`: the frames of the whole batch side by side, for a product of matrices takes as long for many columns as for few. */
  power: Value;
  /** `bins[block][row]`: the frequency bin. Blocks go from low to high; every bin that is wanted is there, some are there twice. */
  bins: number[][];
}

/**
 * The power spectrum of every frame of a waveform, as a Fourier transform in two stages (Cooley and Tukey 1965) of matrix products:
 * with nFft = first × second, sample n = second · n1 + n2 and bin k = k1 + first · k2,
 *
 *   X[k1 + first · k2] = Σ over n2 of e^(−2πi n2 (k1 + first · k2) / nFft) · (Σ over n1 of x[second · n1 + n2] · e^(−2πi n1 k1 / first))
 *
 * That takes a seventh of the products of a convolution with the whole basis, which as a matrix would also be the larger part of a
 * small network's file: here the file holds one turn of cosine and sine, and ONNX Runtime makes the matrices of it when it loads the graph.
 *
 * Before each product stands a Transpose of the first two of three axes, which ONNX Runtime reads the numbers by in place of moving them (FusedMatMul).
 *
 * @param waveform `[B, N]`.
 */
export function addPowerSpectrum(
  graph: GraphBuilder,
  waveform: Value,
  { scope, window, hopLength, nFft, firstBin, lastBin }: PowerSpectrumOptions,
): PowerSpectrum {
  const [first, second] = stages(nFft, window.length);
  const firstBins = Math.floor(first / 2) + 1; // the others mirror these, the waveform being real
  const steps = Math.ceil(window.length / second); // of n1: from here on the window is 0
  const frames = addFrames(graph, waveform, {
    frameLength: steps * second,
    windowLength: window.length,
    hopLength,
    scope,
  });
  const turn = addTurn(graph, nFft, scope);

  // first stage: for each n2 a matrix over n1, with the window in it
  const inner = turn(`${scope}/dft_1`, {
    left: [range(firstBins), [firstBins, 1]],
    right: [range(steps, second), [steps]],
  });
  const beside = (name: string, inputs: Value[], axis: number) =>
    graph.node('Concat', { name, inputs, attributes: { axis } });
  const rotation = beside(`${scope}/dft_1/rotation`, [inner('cosine'), inner('minus_sine')], 0);
  const byColumn = Float32Array.from({ length: second * steps }, (_, i) => {
    return window[second * (i % steps) + Math.floor(i / steps)] ?? 0;
  });
  const windowed = graph.node('Mul', {
    name: `${scope}/dft_1/matrices`,
    inputs: [rotation, graph.constant(`${scope}/window`, byColumn, [second, 1, steps])],
  });
  const samples = reshape(graph, `${scope}/samples`, frames, [steps, second, -1]);
  const partial = graph.node('MatMul', {
    name: `${scope}/dft_1`,
    inputs: [windowed, transpose(graph, `${scope}/samples_by_column`, samples, [1, 0, 2])],
    doc: `First stage of the Fourier transform: ${steps} samples, ${second} apart, of each frame.`,
  });

  // second stage: for each k1 a matrix over n2 and the complex parts
  const blocks = blocksOf({ first, second, firstBin, lastBin });
  const outer = turn(`${scope}/dft_2`, {
    left: [range(firstBins).flatMap((k1) => blocks.map((k2) => k1 + first * k2)), [firstBins, blocks.length, 1, 1]],
    right: [range(second), [second, 1]],
  });
  const real = beside(`${scope}/dft_2/real`, [outer('cosine'), outer('sine')], 3);
  const imaginary = beside(`${scope}/dft_2/imaginary`, [outer('minus_sine'), outer('cosine')], 3);
  const parts = beside(`${scope}/dft_2/parts`, [real, imaginary], 1);
  const matrices = reshape(graph, `${scope}/dft_2/matrices`, parts, [firstBins, 2 * blocks.length, 2 * second]);
  const columns = reshape(graph, `${scope}/dft_1_parts`, partial, [2 * second, firstBins, -1]);
  const transformed = graph.node('MatMul', {
    name: `${scope}/dft_2`,
    inputs: [matrices, transpose(graph, `${scope}/dft_1_by_bin`, columns, [1, 0, 2])],
    doc: `Second stage: the ${nFft}-point Fourier transform of each frame, real parts before imaginary ones.`,
  });

  const squared = graph.node('Mul', { name: `${scope}/dft_squared`, inputs: [transformed, transformed] });
  const power = graph.node('ReduceSum', {
    name: `${scope}/power`,
    inputs: [
      reshape(graph, `${scope}/dft_squared_parts`, squared, [firstBins, 2, blocks.length, -1]),
      graph.integers(`${scope}/power/axis`, [1]),
    ],
    attributes: { keepdims: 0 },
  });
  return { power, bins: blocks.map((k2) => range(firstBins).map((k1) => mirrored(k1 + first * k2, nFft))) };
}

/** @returns every k2 with a bin that is wanted, those of low bins first. */
function blocksOf({
  first,
  second,
  firstBin,
  lastBin,
}: Pick<PowerSpectrumOptions, 'firstBin' | 'lastBin'> & { first: number; second: number }): number[] {
  const binsOf = (k2: number) => {
    return range(Math.floor(first / 2) + 1).map((k1) => mirrored(k1 + first * k2, first * second));
  };
  return range(second)
    .map((k2) => ({ k2, lowest: Math.min(...binsOf(k2)), highest: Math.max(...binsOf(k2)) }))
    .filter(({ lowest, highest }) => lowest <= lastBin && highest >= firstBin)
    .sort((a, b) => a.lowest - b.lowest)
    .map(({ k2 }) => k2);
}

/** The bin at or below half of nFft that has the same power. */
function mirrored(bin: number, nFft: number): number {
  return Math.min(bin, nFft - bin);
}

/** @returns first × second = nFft, of which the two stages together take the fewest products. */
function stages(nFft: number, windowLength: number): [first: number, second: number] {
  const products = (first: number) => {
    const [second, bins] = [nFft / first, Math.floor(first / 2) + 1];
    return 2 * bins * windowLength + bins * (2 * second) ** 2;
  };
  const divisors = range(nFft + 1).filter((divisor) => divisor > 0 && nFft % divisor === 0);
  const first = divisors.reduce((best, divisor) => (products(divisor) < products(best) ? divisor : best));
  return [first, nFft / first];
}

/** @returns `[frameLength, B, T]`: sample n of every frame, in rows. What lies behind the window may be anything. */
function addFrames(
  graph: GraphBuilder,
  waveform: Value,
  {
    frameLength,
    windowLength,
    hopLength,
    scope,
  }: { frameLength: number; windowLength: number; hopLength: number; scope: string },
): Value {
  const samples = waveform.shape[1] as number;
  const frameCount = 1 + Math.floor((samples - windowLength) / hopLength);
  const hopsInFrame = Math.ceil(frameLength / hopLength);
  const hops = frameCount + hopsInFrame - 1;
  const missing = hops * hopLength - samples;
  const whole =
    missing > 0
      ? graph.node('Pad', {
          name: `${scope}/whole_hops`,
          inputs: [waveform, graph.integers(`${scope}/whole_hops/pads`, [0, 0, 0, missing])],
        })
      : slice(graph, `${scope}/whole_hops`, waveform, { axis: 1, start: 0, end: hops * hopLength });
  const inHops = reshape(graph, `${scope}/hops`, whole, [0, hops, hopLength]);
  const bySample = transpose(graph, `${scope}/hops_by_sample`, inHops, [2, 0, 1]);
  const shifted = range(hopsInFrame).map((hop) =>
    slice(graph, `${scope}/hops_from_${hop}`, bySample, { axis: 2, start: hop, end: hop + frameCount }),
  );
  const joined =
    shifted.length === 1
      ? (shifted[0] as Value)
      : graph.node('Concat', {
          name: `${scope}/frames_in_hops`,
          inputs: shifted,
          attributes: { axis: 0 },
        });
  return slice(graph, `${scope}/frames`, joined, { axis: 0, start: 0, end: frameLength });
}

type Part = 'cosine' | 'sine' | 'minus_sine';
type Factor = [numbers: number[], shape: number[]];

/** @returns what adds cosine and sine of 2π · left · right / nFft, whole numbers that broadcast, from one turn of each. */
function addTurn(graph: GraphBuilder, nFft: number, scope: string) {
  const angle = (i: number) => (2 * Math.PI * i) / nFft;
  const table = (name: string, at: (angle: number) => number) =>
    graph.constant(
      name,
      Float32Array.from(range(nFft), (i) => at(angle(i))),
      [nFft],
    );
  const sine = table(`${scope}/sine`, Math.sin);
  const tables: Record<Part, Value> = {
    cosine: table(`${scope}/cosine`, Math.cos),
    sine,
    minus_sine: graph.node('Neg', { name: `${scope}/minus_sine`, inputs: [sine] }),
  };
  const length = graph.constant(`${scope}/turn`, Int32Array.of(nFft), []);
  return (name: string, { left, right }: { left: Factor; right: Factor }) => {
    const factor = (side: string, [numbers, shape]: Factor) =>
      graph.constant(`${name}/${side}`, Int32Array.from(numbers), shape);
    const products = graph.node('Mul', {
      name: `${name}/products`,
      inputs: [factor('left', left), factor('right', right)],
    });
    const indices = graph.node('Mod', { name: `${name}/angles`, inputs: [products, length] });
    const found = new Map<Part, Value>();
    return (part: Part): Value => {
      const value =
        found.get(part) ?? graph.node('Gather', { name: `${name}/${part}`, inputs: [tables[part], indices] });
      found.set(part, value);
      return value;
    };
  };
}

/** @returns so many numbers from 0. */
export function range(length: number, step = 1): number[] {
  return Array.from({ length }, (_, i) => i * step);
}
