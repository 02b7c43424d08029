import type { AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../../onnx/messages.ts';
import { attributeOf, elementType, floatsOf, type GraphView, sizesOf, tensorOf, viewGraph } from '../graphView.ts';
import { activationOf } from './plan.ts';

/** ONNX Runtime's fast kernels for convolutions in whole numbers take channels by so many. */
const channelsTogether = 4;
/** And compute so many at once. */
const channelsAtOnce = 64;

/**
 * Writes a convolution over pixels as one over blocks of pixels that stand side by side in a row: their channels are its channels, and it gives
 * the channels of all places of a block at once. With channels last, as pixels come in, both are the same numbers in the same order, so that
 * nothing is moved, and four pixels of three channels are as many channels as ONNX Runtime's fast kernels ask for. The network computes the
 * same, with more products of 0.
 *
 * @returns null where there is no such convolution.
 */
export function inPixelBlocks(model: ModelProto): ModelProto | null {
  const view = viewGraph(model.graph);
  const found = model.graph.node.flatMap((node) => {
    const blocks = blocksOf(node, view);
    return blocks ? [blocks] : [];
  });
  const [blocks] = found;
  if (!blocks || found.length > 1) return null;
  const { nodes, weights, infos } = laidOut(blocks);
  const { channelsFirst, conv, activation } = blocks;
  const replaced = new Set([channelsFirst, conv, activation]);
  const renewed = new Set([...weights, ...infos].map(({ name }) => name));
  const node = model.graph.node.flatMap((node) => (node === conv ? nodes : replaced.has(node) ? [] : [node]));
  const initializer = [...model.graph.initializer.filter(({ name }) => !renewed.has(name)), ...weights];
  const gone = channelsFirst.output[0] as string;
  const valueInfo = [...model.graph.valueInfo.filter(({ name }) => !renewed.has(name) && name !== gone), ...infos];
  return { ...model, graph: { ...model.graph, node, initializer, valueInfo } };
}

interface Blocks {
  /** Brings pixels from channels last to channels first. */
  channelsFirst: NodeProto;
  conv: NodeProto;
  /** Behind it. */
  activation: NodeProto;
  kernel: TensorProto;
  bias: TensorProto;
  /** Pixels in a block. */
  together: number;
  height: number;
  width: number;
  /** On the left, which with those on the right keeps the width, but for the stride. */
  padLeft: number;
  padTop: number;
  padBottom: number;
  strideDown: number;
  /** From left to right. */
  stride: number;
  batch: ValueInfoProto;
}

function blocksOf(conv: NodeProto, view: GraphView): Blocks | null {
  const { weight, readers, producer, info } = view;
  const kernel = weight.get(conv.input[1] ?? '');
  const bias = weight.get(conv.input[2] ?? '');
  const channelsFirst = producer.get(conv.input[0] ?? '');
  const activation = activationOf(conv, view);
  if (conv.opType !== 'Conv' || kernel?.dataType !== elementType.float32 || kernel.dims.length !== 4) return null;
  if (!bias || !activation || view.outputs.has(activation.output[0] as string)) return null;
  if (channelsFirst?.opType !== 'Transpose' || ints(channelsFirst, 'perm', []).join() !== '0,3,1,2') return null;
  const pixels = channelsFirst.output[0] as string;
  if (readers.get(pixels)?.length !== 1 || view.outputs.has(pixels)) return null;
  const [, channels = 0, , kernelWidth = 0] = kernel.dims;
  const group = attributeOf(conv, 'group');
  const isPlain =
    (group?.type !== 2 || group.i === 1) &&
    !attributeOf(conv, 'auto_pad') &&
    ints(conv, 'dilations', [1, 1]).every((step) => step === 1) &&
    [kernel, bias].every(({ name }) => readers.get(name)?.length === 1);
  const sizes = sizesOf(view, channelsFirst.input[0] as string);
  const batch = info.get(channelsFirst.input[0] as string);
  if (!isPlain || channels >= channelsTogether || !sizes || !batch) return null;
  const [, height = 0, width = 0] = sizes;
  const [padTop = 0, padLeft = 0, padBottom = 0, padRight = 0] = ints(conv, 'pads', [0, 0, 0, 0]);
  const [strideDown = 1, stride = 1] = ints(conv, 'strides', [1, 1]);
  const fits = [1, 2, 4, 8].filter(
    (count) => (count * channels) % channelsTogether === 0 && width % count === 0 && count % stride === 0,
  );
  const isFull = (count: number) => (count / stride) * (kernel.dims[0] as number) >= channelsAtOnce;
  const together = fits.find(isFull) ?? fits.at(-1);
  if (padLeft + padRight !== kernelWidth - stride || together === undefined) return null;
  const pads = { padLeft, padTop, padBottom };
  return { channelsFirst, conv, activation, kernel, bias, together, height, width, ...pads, strideDown, stride, batch };
}

function laidOut(blocks: Blocks): { nodes: NodeProto[]; weights: TensorProto[]; infos: ValueInfoProto[] } {
  const { channelsFirst, conv, activation, kernel, bias, together, height, width } = blocks;
  const { padLeft, padTop, padBottom, strideDown, stride } = blocks;
  const places = together / stride; // of a block, that are given
  const [kernels, channels, kernelHeight, kernelWidth] = kernel.dims as [number, number, number, number];
  const rows = Math.floor((height + padTop + padBottom - kernelHeight) / strideDown) + 1;
  const columns = width / together;
  const before = Math.ceil(padLeft / together);
  const behind = Math.ceil(Math.max(0, kernelWidth - stride - padLeft) / together);
  const taps = before + 1 + behind;
  const nodes: NodeProto[] = [];
  const weights: TensorProto[] = [];
  const infos: ValueInfoProto[] = [];
  const add = (node: NodeProto, sizes: number[]) => {
    const name = node.output[0] as string;
    nodes.push(node);
    const { type } = blocks.batch;
    const dim = [type.tensorType.shape?.dim[0] ?? {}, ...sizes.map((dimValue) => ({ dimValue }))];
    infos.push({ name, type: { tensorType: { ...type.tensorType, shape: { dim } } } });
    return name;
  };
  const plain = (opType: string, input: string[], name: string, attribute: AttributeProto[] = []): NodeProto => ({
    name: `${name}/${opType}`,
    ...{ opType, input, output: [name], attribute },
  });
  const transposed = (value: string, name: string, order: number[], sizes: number[]) =>
    add(plain('Transpose', [value], name, [{ name: 'perm', type: 7, ints: order }]), sizes);
  const reshaped = (value: string, name: string, sizes: number[]) => {
    const shape = BigInt64Array.from([0, ...sizes], BigInt);
    weights.push(tensorOf(`${name}/shape`, shape, [shape.length], elementType.int64));
    return add(plain('Reshape', [value, `${name}/shape`], name), sizes);
  };

  const last = reshaped(channelsFirst.input[0] as string, `${conv.name}/blocks_last`, [
    ...[height, columns, together * channels],
  ]);
  const order = [0, 3, 1, 2];
  const input = transposed(last, `${conv.name}/blocks`, order, [together * channels, height, columns]);
  const values = floatsOf(kernel);
  const many = new Float32Array(places * kernels * together * channels * kernelHeight * taps);
  for (let i = 0; i < many.length; i++) {
    let rest = i;
    const next = (size: number) => {
      const at = rest % size;
      rest = (rest - at) / size;
      return at;
    };
    const [tap, row, channel, from, k, to] = [taps, kernelHeight, channels, together, kernels, places].map(next) as [
      ...[number, number, number, number, number, number],
    ];
    const column = (tap - before) * together + from - to * stride + padLeft;
    if (column < 0 || column >= kernelWidth) continue;
    many[i] = values[((k * channels + channel) * kernelHeight + row) * kernelWidth + column] as number;
  }
  const one = floatsOf(bias);
  weights.push(
    tensorOf(kernel.name, many, [places * kernels, together * channels, kernelHeight, taps], elementType.float32),
    tensorOf(
      bias.name,
      Float32Array.from({ length: places * kernels }, (_, i) => one[i % kernels] as number),
      [places * kernels],
      elementType.float32,
    ),
  );
  const given = [places * kernels, rows, columns];
  const pads = [padTop, before, padBottom, behind];
  const attribute: AttributeProto[] = [
    { name: 'kernel_shape', type: 7, ints: [kernelHeight, taps] },
    { name: 'pads', type: 7, ints: pads },
    { name: 'strides', type: 7, ints: [strideDown, 1] },
  ];
  add({ ...conv, input: [input, ...conv.input.slice(1)], attribute }, given);
  const active = add({ ...activation, output: [`${activation.name}/blocks`] }, given);
  const lastAgain = transposed(
    active,
    `${activation.name}/blocks_last`,
    [0, 2, 3, 1],
    [rows, columns, given[0] as number],
  );
  const pixels = reshaped(lastAgain, `${activation.name}/pixels`, [rows, columns * places, kernels]);
  transposed(pixels, activation.output[0] as string, order, [kernels, rows, columns * places]);
  return { nodes, weights, infos };
}

function ints(node: NodeProto, name: string, usual: number[]): number[] {
  const attribute = attributeOf(node, name);
  return attribute?.type === 7 ? attribute.ints : usual;
}
