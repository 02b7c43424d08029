import { elementCount } from '#core/elementCount.ts';
import type { AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../../onnx/messages.ts';
import { attributeOf, elementType, floatsOf, type GraphView, sizesOf, tensorOf, viewGraph } from '../graphView.ts';

/** Convolutions over at most so many channels, as the first one of pixels or a spectrogram, are written anew. */
const fewChannels = 3;
/** For a convolution that gives fewer numbers than this the 13 operators that begin (some 30 µs) are too many: of 131,072 it wins 3 % of a network. */
const fewNumbers = 200_000;
/** ONNX Runtime's fast kernels for convolutions in whole numbers take channels by so many. */
const channelsTogether = 4;

/**
 * Writes a convolution over few channels as one of 1 × 1 over all numbers of its window, laid side by side as channels ("im2col"), and zeros
 * for kernels up to a multiple of four: in whole numbers ONNX Runtime computes that several times as fast (over 257 × 199 places and 64
 * channels 0.4 ms, 3.3 with one channel as it stands). The network computes the same.
 */
export function im2col(model: ModelProto): ModelProto {
  const view = viewGraph(model.graph);
  const added: TensorProto[] = [];
  const valueInfo = [...model.graph.valueInfo];
  const node = model.graph.node.flatMap((node) => {
    const window = windowOf(node, view);
    if (!window) return [node];
    const { nodes, weights } = laidOut(node, window);
    added.push(...weights);
    const input = view.info.get(node.input[0] as string);
    if (input) valueInfo.push(paddedInfo(input, node, window));
    return nodes;
  });
  const replaced = new Set(added.map(({ name }) => name));
  const initializer = [...model.graph.initializer.filter(({ name }) => !replaced.has(name)), ...added];
  return { ...model, graph: { ...model.graph, node, initializer, valueInfo } };
}

interface Window {
  kernel: TensorProto;
  /** Before and after height and width, as ONNX orders them: top, left, bottom, right. */
  pads: number[];
}

/**
 * @returns null for what is no large convolution of pictures over few channels, or one of strides: to slice every other place takes as long
 * as is won.
 */
function windowOf(node: NodeProto, view: GraphView): Window | null {
  const { weight, readers } = view;
  const kernel = weight.get(node.input[1] ?? '');
  if (node.opType !== 'Conv' || kernel?.dataType !== elementType.float32 || kernel.dims.length !== 4) return null;
  const [, channels = 0, height = 0, width = 0] = kernel.dims;
  const ints = (name: string, usual: number[]) => {
    const attribute = attributeOf(node, name);
    return attribute?.type === 7 ? attribute.ints : usual;
  };
  const group = attributeOf(node, 'group');
  const isPlain =
    (group?.type !== 2 || group.i === 1) &&
    !attributeOf(node, 'auto_pad') &&
    ['strides', 'dilations'].every((name) => ints(name, [1, 1]).every((step) => step === 1));
  const sizes = sizesOf(view, node.output[0] as string);
  const given = sizes ? elementCount(sizes) : 0;
  const isAlone = readers.get(kernel.name)?.length === 1;
  if (channels > fewChannels || height * width === 1 || given < fewNumbers || !isPlain || !isAlone) return null;
  return { kernel, pads: ints('pads', [0, 0, 0, 0]) };
}

const paddedName = ({ name }: NodeProto) => `${name}/padded`;

function paddedInfo({ type }: ValueInfoProto, node: NodeProto, { pads }: Window): ValueInfoProto {
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  const more = [0, 0, top + bottom, left + right];
  const dim = type.tensorType.shape?.dim.map((one, axis) =>
    one.dimValue === undefined ? one : { dimValue: one.dimValue + (more[axis] as number) },
  );
  return { name: paddedName(node), type: { tensorType: { ...type.tensorType, ...(dim && { shape: { dim } }) } } };
}

function laidOut(node: NodeProto, { kernel, pads }: Window): { nodes: NodeProto[]; weights: TensorProto[] } {
  const { name } = node;
  const [input = '', kernelName = '', ...bias] = node.input;
  const [outputs, channels, height, width] = kernel.dims as [number, number, number, number];
  const nodes: NodeProto[] = [];
  const weights: TensorProto[] = [];
  const add = (opType: string, inputs: string[], output: string, attribute: AttributeProto[] = []) => {
    nodes.push({ name: output, opType, input: inputs, output: [output], attribute });
    return output;
  };
  const whole = (label: string, numbers: number[]) => {
    weights.push(tensorOf(label, BigInt64Array.from(numbers, BigInt), [numbers.length], elementType.int64));
    return label;
  };
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  // The shape that it has: past a Reshape ONNX Runtime's optimiser moves no Transpose that stands before, to where it moves twelve times as much.
  const still = add('Reshape', [input, whole(`${name}/same`, [0, 0, 0, -1])], `${name}/still`);
  const padded = add('Pad', [still, whole(`${name}/pads`, [0, 0, top, left, 0, 0, bottom, right])], paddedName(node));
  const axes = whole(`${name}/axes`, [1, 2, 3]);
  /** What stands at one place of every window, of the first channels. */
  const slice = (label: string, [i, j]: [number, number], count: number) => {
    const ends = [count, ...[i + 1 - height, j + 1 - width].map((end) => (end === 0 ? toTheEnd : end))];
    const bounds = [whole(`${label}/starts`, [0, i, j]), whole(`${label}/ends`, ends)];
    return add('Slice', [padded, ...bounds, axes], label);
  };
  const places = Array.from({ length: height * width }, (_, at): [number, number] => [
    Math.floor(at / width),
    at % width,
  ]);
  const slices = places.map((place) => slice(`${name}/at_${place.join('_')}`, place, channels));
  let count = places.length * channels;
  while (count % channelsTogether > 0) {
    const more = Math.min(channels, channelsTogether - (count % channelsTogether));
    slices.push(slice(`${name}/at_none_${count}`, [0, 0], more));
    count += more;
  }
  const columns = add('Concat', slices, `${name}/columns`, [{ name: 'axis', type: 2, i: 1 }]);

  const rows = new Float32Array(outputs * count);
  const numbers = floatsOf(kernel);
  for (let output = 0; output < outputs; output++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let at = 0; at < places.length; at++) {
        rows[output * count + at * channels + channel] = numbers[
          (output * channels + channel) * places.length + at
        ] as number;
      }
    }
  }
  weights.push(tensorOf(kernelName, rows, [outputs, count, 1, 1], elementType.float32));
  const attribute: AttributeProto[] = [{ name: 'kernel_shape', type: 7, ints: [1, 1] }];
  nodes.push({ ...node, input: [columns, kernelName, ...bias], attribute });
  return { nodes, weights };
}

/** ONNX's way of saying so: ends beyond the last are brought back to it. */
const toTheEnd = 2 ** 31 - 1;
