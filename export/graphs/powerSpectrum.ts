import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { reshape, slice, transpose } from './shapes.ts';

export interface PowerSpectrumOptions {
  /** Of the frames: `[windowLength]`, what each sample is multiplied by. */
  window: Float32Array;
  hopLength: number;
  nFft: number;
  /** The highest frequency bin that is wanted. */
  lastBin: number;
}

export interface PowerSpectrum {
  /** `[rows, blocks, B · T]`: the frames of the whole batch side by side, for a product of matrices takes as long for many columns as for few. */
  power: Value;
  /** `bins[block][row]`: the frequency bin. Blocks go from low to high; every bin up to the last one wanted is there, some are there twice. */
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
  { window, hopLength, nFft, lastBin }: PowerSpectrumOptions,
): PowerSpectrum {
  const [first, second] = stages(nFft, window.length);
  const firstBins = Math.floor(first / 2) + 1; // the others mirror these, the waveform being real
  const steps = Math.ceil(window.length / second); // of n1: from here on the window is 0
  const frames = addFrames(graph, waveform, { frameLength: steps * second, windowLength: window.length, hopLength });
  const turn = addTurn(graph, nFft);

  // first stage: for each n2 a matrix over n1, with the window in it
  const inner = turn('audio/dft_1', {
    left: [range(firstBins), [firstBins, 1]],
    right: [range(steps, second), [steps]],
  });
  const beside = (name: string, inputs: Value[], axis: number) =>
    graph.node('Concat', { name, inputs, attributes: { axis } });
  const rotation = beside('audio/dft_1/rotation', [inner('cosine'), inner('minus_sine')], 0);
  const byColumn = Float32Array.from({ length: second * steps }, (_, i) => {
    return window[second * (i % steps) + Math.floor(i / steps)] ?? 0;
  });
  const windowed = graph.node('Mul', {
    name: 'audio/dft_1/matrices',
    inputs: [rotation, graph.constant('audio/window', byColumn, [second, 1, steps])],
  });
  const samples = reshape(graph, 'audio/samples', frames, [steps, second, -1]);
  const partial = graph.node('MatMul', {
    name: 'audio/dft_1',
    inputs: [windowed, transpose(graph, 'audio/samples_by_column', samples, [1, 0, 2])],
    doc: `First stage of the Fourier transform: ${steps} samples, ${second} apart, of each frame.`,
  });

  // second stage: for each k1 a matrix over n2 and the complex parts
  const blocks = blocksOf({ first, second, lastBin });
  const outer = turn('audio/dft_2', {
    left: [range(firstBins).flatMap((k1) => blocks.map((k2) => k1 + first * k2)), [firstBins, blocks.length, 1, 1]],
    right: [range(second), [second, 1]],
  });
  const real = beside('audio/dft_2/real', [outer('cosine'), outer('sine')], 3);
  const imaginary = beside('audio/dft_2/imaginary', [outer('minus_sine'), outer('cosine')], 3);
  const parts = beside('audio/dft_2/parts', [real, imaginary], 1);
  const matrices = reshape(graph, 'audio/dft_2/matrices', parts, [firstBins, 2 * blocks.length, 2 * second]);
  const columns = reshape(graph, 'audio/dft_1_parts', partial, [2 * second, firstBins, -1]);
  const transformed = graph.node('MatMul', {
    name: 'audio/dft_2',
    inputs: [matrices, transpose(graph, 'audio/dft_1_by_bin', columns, [1, 0, 2])],
    doc: `Second stage: the ${nFft}-point Fourier transform of each frame, real parts before imaginary ones.`,
  });

  const squared = graph.node('Mul', { name: 'audio/dft_squared', inputs: [transformed, transformed] });
  const power = graph.node('ReduceSum', {
    name: 'audio/power',
    inputs: [
      reshape(graph, 'audio/dft_squared_parts', squared, [firstBins, 2, blocks.length, -1]),
      graph.integers('audio/power/axis', [1]),
    ],
    attributes: { keepdims: 0 },
  });
  return { power, bins: blocks.map((k2) => range(firstBins).map((k1) => mirrored(k1 + first * k2, nFft))) };
}

/** @returns every k2 with a bin that is wanted, those of low bins first. */
function blocksOf({ first, second, lastBin }: { first: number; second: number; lastBin: number }): number[] {
  const lowest = (k2: number) => {
    return Math.min(...range(Math.floor(first / 2) + 1).map((k1) => mirrored(k1 + first * k2, first * second)));
  };
  return range(second)
    .filter((k2) => lowest(k2) <= lastBin)
    .sort((a, b) => lowest(a) - lowest(b));
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
  { frameLength, windowLength, hopLength }: { frameLength: number; windowLength: number; hopLength: number },
): Value {
  const samples = waveform.shape[1] as number;
  const frameCount = 1 + Math.floor((samples - windowLength) / hopLength);
  const hopsInFrame = Math.ceil(frameLength / hopLength);
  const hops = frameCount + hopsInFrame - 1;
  const missing = hops * hopLength - samples;
  const whole =
    missing > 0
      ? graph.node('Pad', {
          name: 'audio/whole_hops',
          inputs: [waveform, graph.integers('audio/whole_hops/pads', [0, 0, 0, missing])],
        })
      : slice(graph, 'audio/whole_hops', waveform, { axis: 1, start: 0, end: hops * hopLength });
  const inHops = reshape(graph, 'audio/hops', whole, [0, hops, hopLength]);
  const bySample = transpose(graph, 'audio/hops_by_sample', inHops, [2, 0, 1]);
  const shifted = range(hopsInFrame).map((hop) =>
    slice(graph, `audio/hops_from_${hop}`, bySample, { axis: 2, start: hop, end: hop + frameCount }),
  );
  const joined =
    shifted.length === 1
      ? (shifted[0] as Value)
      : graph.node('Concat', {
          name: 'audio/frames_in_hops',
          inputs: shifted,
          attributes: { axis: 0 },
        });
  return slice(graph, 'audio/frames', joined, { axis: 0, start: 0, end: frameLength });
}

type Part = 'cosine' | 'sine' | 'minus_sine';
type Factor = [numbers: number[], shape: number[]];

/** @returns what adds cosine and sine of 2π · left · right / nFft, whole numbers that broadcast, from one turn of each. */
function addTurn(graph: GraphBuilder, nFft: number) {
  const angle = (i: number) => (2 * Math.PI * i) / nFft;
  const table = (name: string, at: (angle: number) => number) =>
    graph.constant(
      name,
      Float32Array.from(range(nFft), (i) => at(angle(i))),
      [nFft],
    );
  const sine = table('audio/sine', Math.sin);
  const tables: Record<Part, Value> = {
    cosine: table('audio/cosine', Math.cos),
    sine,
    minus_sine: graph.node('Neg', { name: 'audio/minus_sine', inputs: [sine] }),
  };
  const length = graph.constant('audio/turn', Int32Array.of(nFft), []);
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

function range(length: number, step = 1): number[] {
  return Array.from({ length }, (_, i) => i * step);
}
