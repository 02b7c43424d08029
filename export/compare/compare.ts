import { elementCount } from '#core/elementCount.ts';
import type { ModelGraph } from '../convert/modelGraph.ts';
import { multiplications } from '../onnx/multiplications.ts';
import { type OnnxModel, openOnnx } from './onnx.ts';
import { differenceOf, drawInputs, firstSample, type Rows, type Sizes } from './rows.ts';
import { hasNativeTfjs, type TfjsModel, type TfjsProcess } from './tfjs.ts';

export interface Comparison {
  /** By output: largest |tfjs − ONNX Runtime| ÷ max(1, |tfjs|). Empty: not compared. */
  differences: Record<string, number>;
  /** By output: how far a millionth more or less on the inputs moves it, by the same measure. Empty: not compared, or too heavy to be run again. */
  unsteadiness: Record<string, number>;
  /** Version of TensorFlow.js that it was compared with; null: `reason` says why it was not. */
  tfjs: string | null;
  reason: string | null;
}

/** The largest difference that is taken for rounding. */
export const allowedDifference = 1e-4;

/** Above this, TensorFlow.js' JavaScript takes half a minute and more. */
const mostMultiplications = 3e9;
const timeoutSeconds = 120;
const pixels = [32, 64, 128, 224, 256, 299, 320, 416, 512, 640];
const steps = [8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * Runs a converted model in ONNX Runtime, and the model itself in TensorFlow.js where that can be, on the same seeded numbers.
 *
 * @throws {Error} what ONNX Runtime says of a graph that it cannot load or run.
 */
export async function compareWithTfjs(
  model: TfjsModel,
  { graph, inputs }: ModelGraph,
  { bytes, tfjs }: { bytes: Uint8Array; tfjs: TfjsProcess | null },
): Promise<Comparison> {
  const onnx = await openOnnx(bytes);
  try {
    const fixed = inputs[0]?.value.shape[0];
    const heavy =
      multiplications(graph, new Map([['batch', 1], ...openSizes(inputs, pixels[0] as number)])) > mostMultiplications;
    // A graph need not keep samples apart, and may want one alone.
    const batches = typeof fixed === 'number' ? [fixed] : heavy ? [1] : model.nodes ? [2, 1] : [2];
    const { drawn, outputs, moved } = await runSeeded(onnx, inputs, { batches, heavy });
    const names = graph.outputs.map(({ name }) => name);
    const not = (reason: string): Comparison => ({ differences: {}, unsteadiness: {}, tfjs: null, reason });
    if (typeof fixed !== 'number' && !heavy && !model.nodes) await expectSamplesApart(onnx, drawn, outputs);
    if (!tfjs) return not('it was not asked for');
    const samples = fixed === 'batch' ? (drawn[0]?.shape[0] ?? 1) : 1;
    const products = samples * multiplications(graph, sizesIn(inputs, drawn));
    const native = products > mostMultiplications;
    if (native && !hasNativeTfjs()) {
      return not(
        `${(products / 1e9).toFixed(0)} billion multiplications take its JavaScript minutes; \`npx clapper setup\` sets up a faster one`,
      );
    }
    const kerasInputs = drawn.map((rows, i) => (inputs[i]?.channelsMoved ? toChannelsLast(rows) : rows));
    const answer = await tfjs.run(model, { inputs: kerasInputs, native, timeoutSeconds });
    if ('failed' in answer) return not(answer.failed);
    const differences = names.map((name, i) => [name, differenceOf(answer.outputs[i] as Rows, outputs[i] as Rows)]);
    const unsteadiness = moved.map((far, i) => [names[i], far]);
    return {
      differences: Object.fromEntries(differences),
      unsteadiness: Object.fromEntries(unsteadiness),
      tfjs: answer.version,
      reason: null,
    };
  } finally {
    await onnx.release();
  }
}

/**
 * Seeded inputs that the model can run. Models of open sizes may want certain ones: the first that ONNX Runtime takes. And a recurrent
 * network may make much of little, where even two right results differ: then smaller numbers.
 */
async function runSeeded(
  onnx: OnnxModel,
  inputs: ModelGraph['inputs'],
  { batches, heavy }: { batches: number[]; heavy: boolean },
): Promise<Ran & { moved: number[] }> {
  const { drawn, outputs, sizes } = await runWithSomeSizes(onnx, inputs, batches);
  let ran: Ran = { drawn, outputs };
  if (heavy) return { ...ran, moved: [] }; // each run of a heavy one takes seconds
  let moved = await nudged(onnx, ran);
  for (const scale of [0.1, 0.01]) {
    if (Math.max(...moved) < steady) break;
    const smaller = drawInputs(inputs, sizes, scale);
    ran = { drawn: smaller, outputs: await onnx.run(smaller) };
    moved = await nudged(onnx, ran);
  }
  return { ...ran, moved };
}

interface Ran {
  drawn: Rows[];
  outputs: Rows[];
}

/** Far below what is allowed. */
const steady = 3e-5;

/** How far each output moves by a millionth more or less on the inputs. */
async function nudged(onnx: OnnxModel, { drawn, outputs }: Ran): Promise<number[]> {
  const inputs = drawn.map(({ data, ...rows }): Rows => {
    return {
      ...rows,
      data: data instanceof Float32Array ? data.map((value, i) => value * (1 + 1e-6 * ((i % 3) - 1))) : data,
    };
  });
  const moved = await onnx.run(inputs);
  return outputs.map((rows, i) => differenceOf(rows, moved[i] as Rows));
}

async function runWithSomeSizes(
  onnx: OnnxModel,
  inputs: ModelGraph['inputs'],
  batches: number[],
): Promise<Ran & { sizes: Sizes }> {
  const open = inputs.flatMap(({ value }) => value.shape).some((size) => typeof size === 'string' && size !== 'batch');
  const tries: Sizes[] = (open ? pixels : pixels.slice(0, 1)).flatMap((size, i) =>
    batches.map((batch) => ({ batch, pixels: size, steps: steps[Math.min(i, steps.length - 1)] as number })),
  );
  let problem: unknown;
  for (const sizes of tries) {
    const drawn = drawInputs(inputs, sizes);
    try {
      return { drawn, outputs: await onnx.run(drawn), sizes };
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

/** A sample must not change what another gives. */
async function expectSamplesApart(onnx: OnnxModel, drawn: Rows[], outputs: Rows[]): Promise<void> {
  const alone = await onnx.run(firstSample(drawn));
  const first = firstSample(outputs);
  const apart = Math.max(...alone.map((rows, i) => differenceOf(rows, first[i] as Rows)));
  if (!(apart <= 1e-4))
    throw new Error(`one sample alone gives other numbers than the same beside another (by ${apart.toExponential(1)})`);
}

function openSizes(inputs: ModelGraph['inputs'], size: number): [string, number][] {
  const names = inputs.flatMap(({ value }) => value.shape.slice(1)).filter((one) => typeof one === 'string');
  return names.map((name) => [name, size]);
}

function sizesIn(inputs: ModelGraph['inputs'], drawn: Rows[]): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach(({ value }, i) => {
    value.shape.forEach((size, axis) => {
      if (typeof size === 'string') sizes.set(size, drawn[i]?.shape[axis] as number);
    });
  });
  return sizes.set('batch', 1);
}

/** `[B, C, …]` → `[B, …, C]`. */
function toChannelsLast(rows: Rows): Rows {
  const { shape, data } = rows;
  const [batch, channels, ...rest] = shape as [number, number, ...number[]];
  const area = elementCount(rest);
  const moved = data.slice();
  for (let sample = 0, to = 0; sample < batch; sample++) {
    for (let at = 0; at < area; at++) {
      for (let channel = 0; channel < channels; channel++)
        moved[to++] = data[(sample * channels + channel) * area + at] as number;
    }
  }
  return { ...rows, shape: [batch, ...rest, channels], data: moved };
}
