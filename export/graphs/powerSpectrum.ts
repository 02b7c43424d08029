import type { GraphBuilder, Value } from '../onnx/graph.ts';

export interface PowerSpectrumOptions {
  /** Of the frames: `[windowLength]`, what each sample is multiplied by. */
  window: Float32Array;
  hopLength: number;
  nFft: number;
}

export interface PowerSpectrum {
  /** `[B, rows, T]`, each row the power of one frequency bin. */
  power: Value;
  /** `[rows]`: the bin of each row. Every bin is there; some are there twice. */
  bins: number[];
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
 * @param waveform `[B, N]`.
 */
export function addPowerSpectrum(
  graph: GraphBuilder,
  waveform: Value,
  { window, hopLength, nFft }: PowerSpectrumOptions,
): PowerSpectrum {
  const [first, second] = stages(nFft, window.length);
  const firstBins = Math.floor(first / 2) + 1; // the others mirror these, the waveform being real
  const steps = Math.ceil(window.length / second); // of n1: from here on the window is 0
  const frames = addFrames(graph, waveform, { frameLength: steps * second, windowLength: window.length, hopLength });
  const frameCount = frames.shape[2] as number;
  const turn = addTurn(graph, nFft);

  // first stage: for each n2 a matrix over n1, with the window in it
  const inner = turn('audio/dft_1', {
    left: [range(firstBins), [firstBins, 1]],
    right: [range(steps, second), [steps]],
  });
  const rotation = graph.node('Concat', {
    name: 'audio/dft_1/rotation',
    inputs: [inner('cosine'), inner('minus_sine')],
    attributes: { axis: 0 },
  });
  const byColumn = Float32Array.from({ length: second * steps }, (_, i) => {
    return window[second * (i % steps) + Math.floor(i / steps)] ?? 0;
  });
  const windowed = graph.node('Mul', {
    name: 'audio/dft_1/matrices',
    inputs: [rotation, graph.constant('audio/window', byColumn, [second, 1, steps])],
  });
  const columns = reshape(graph, 'audio/columns', frames, ['batch', steps, second, frameCount]);
  const byFirst = transpose(graph, 'audio/columns_first', columns, [0, 2, 1, 3]);
  const partial = graph.node('MatMul', {
    name: 'audio/dft_1',
    inputs: [windowed, byFirst],
    doc: `First stage of the Fourier transform: ${steps} samples, ${second} apart, of each frame.`,
  });

  // second stage: for each k1 a matrix over n2 and the complex parts
  const halves = reshape(graph, 'audio/dft_1_parts', partial, ['batch', second, 2, firstBins, frameCount]);
  const byBin = transpose(graph, 'audio/dft_1_bins', halves, [0, 3, 2, 1, 4]);
  const rows = reshape(graph, 'audio/dft_1_rows', byBin, ['batch', firstBins, 2 * second, frameCount]);
  const bins = Array.from({ length: firstBins * second }, (_, i) => Math.floor(i / second) + first * (i % second));
  const outer = turn('audio/dft_2', { left: [bins, [firstBins, second, 1]], right: [range(second), [second]] });
  const beside = (name: string, inputs: Value[], axis: number) =>
    graph.node('Concat', { name, inputs, attributes: { axis } });
  const real = beside('audio/dft_2/real', [outer('cosine'), outer('sine')], 2);
  const imaginary = beside('audio/dft_2/imaginary', [outer('minus_sine'), outer('cosine')], 2);
  const matrices = beside('audio/dft_2/matrices', [real, imaginary], 1);
  const transformed = graph.node('MatMul', {
    name: 'audio/dft_2',
    inputs: [matrices, rows],
    doc: `Second stage: the ${nFft}-point Fourier transform of each frame, real parts before imaginary ones.`,
  });

  const squared = graph.node('Mul', {
    name: 'audio/dft_squared',
    inputs: [transformed, transformed],
  });
  const parts = reshape(graph, 'audio/dft_squared_parts', squared, ['batch', firstBins, 2, second * frameCount]);
  const sum = graph.node('ReduceSum', {
    name: 'audio/dft_power',
    inputs: [parts, graph.integers('audio/dft_power/axis', [2])],
    attributes: { keepdims: 0 },
  });
  const power = reshape(graph, 'audio/power', sum, ['batch', bins.length, frameCount]);
  return { power, bins: bins.map((bin) => Math.min(bin, nFft - bin)) };
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

/** @returns `[B, frameLength, T]`: sample n of every frame, in rows. What lies behind the window may be anything. */
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
  const inHops = reshape(graph, 'audio/hops', whole, ['batch', hops, hopLength]);
  const bySample = transpose(graph, 'audio/hops_by_sample', inHops, [0, 2, 1]);
  const shifted = range(hopsInFrame).map((hop) =>
    slice(graph, `audio/hops_from_${hop}`, bySample, { axis: 2, start: hop, end: hop + frameCount }),
  );
  const joined =
    shifted.length === 1
      ? (shifted[0] as Value)
      : graph.node('Concat', {
          name: 'audio/frames_in_hops',
          inputs: shifted,
          attributes: { axis: 1 },
        });
  return slice(graph, 'audio/frames', joined, { axis: 1, start: 0, end: frameLength });
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

function reshape(graph: GraphBuilder, name: string, value: Value, shape: Value['shape']): Value {
  const sizes = shape.map((size) => (typeof size === 'number' ? size : 0)); // 0: as the input has it
  return graph.node('Reshape', { name, inputs: [value, graph.integers(`${name}/shape`, sizes)] });
}

function transpose(graph: GraphBuilder, name: string, value: Value, order: number[]): Value {
  return graph.node('Transpose', { name, inputs: [value], attributes: { perm: order } });
}

/** @returns the value itself where the part is all of it. */
function slice(
  graph: GraphBuilder,
  name: string,
  value: Value,
  { axis, start, end }: { axis: number; start: number; end: number },
): Value {
  if (start === 0 && value.shape[axis] === end) return value;
  const limits = [graph.integers(`${name}/start`, [start]), graph.integers(`${name}/end`, [end])];
  return graph.node('Slice', {
    name,
    inputs: [value, ...limits, graph.integers(`${name}/axis`, [axis])],
  });
}
