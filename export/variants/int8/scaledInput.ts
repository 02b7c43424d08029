import type { NodeProto } from '../../onnx/messages.ts';
import { elementType, floatsOf, type GraphView } from '../graphView.ts';

/** A value that is whole numbers as they come in, scaled: (whole − zeroPoint) × scale + rest. */
export interface ScaledInput {
  /** Of the graph, uint8. */
  input: string;
  scale: number;
  zeroPoint: number;
  /** At most half a scale: what no whole zero point reaches. */
  rest: number;
  /** That scale it. */
  nodes: NodeProto[];
}

/** @returns null for another value, or one of which whole numbers from 0 to 255 hold no zero. */
export function scaledInput(value: string, view: GraphView): ScaledInput | null {
  const nodes: NodeProto[] = [];
  const operand = (opType: string): number | null => {
    const made = nodes.at(-1)?.input[0] ?? value;
    const node = view.producer.get(made);
    const isShared = view.outputs.has(made) || view.readers.get(made)?.length !== 1;
    if (node?.opType !== opType || (nodes.length > 0 && isShared)) return null;
    nodes.push(node);
    const weight = view.weight.get(node.input[1] ?? '');
    return weight && weight.dims.length === 0 && weight.dataType === elementType.float32
      ? (floatsOf(weight)[0] as number)
      : Number.NaN;
  };
  const offset = operand('Add');
  const scale = operand('Mul');
  if (operand('Cast') === null || offset === null || scale === null || !(scale > 0)) return null;
  const input = nodes.at(-1)?.input[0] as string;
  const zeroPoint = Math.round(-offset / scale);
  const isWhole = view.info.get(input)?.type.tensorType.elemType === elementType.uint8 && !view.producer.has(input);
  if (!isWhole || !(zeroPoint >= 0 && zeroPoint <= 255)) return null;
  return { input, scale, zeroPoint, rest: offset + zeroPoint * scale, nodes };
}
