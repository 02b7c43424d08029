import type { AttributeProto, ModelProto, NodeProto } from '../../onnx/messages.ts';
import { sizesOf, viewGraph } from '../graphView.ts';

/**
 * Writes pooling over all of a picture as pooling over windows of its size, which ONNX Runtime has for uint8, and makes a row of it with channels
 * last: so they lie there, and nothing is moved.
 */
export function integerPooling(model: ModelProto): ModelProto {
  const view = viewGraph(model.graph);
  const ints = (name: string, numbers: number[]): AttributeProto => ({ name, type: 7, ints: numbers });
  const node = model.graph.node.flatMap((node): NodeProto[] => {
    const [input = ''] = node.input;
    const isOfPool = node.opType === 'Flatten' && view.producer.get(input)?.opType === 'GlobalMaxPool';
    if (isOfPool && node.attribute.length === 0) {
      const last = `${input}/channels_last`;
      const attribute = [ints('perm', [0, 2, 3, 1])];
      return [
        { name: last, opType: 'Transpose', input: [input], output: [last], attribute },
        { ...node, input: [last] },
      ];
    }
    const size = sizesOf(view, input)?.slice(2);
    if (node.opType !== 'GlobalMaxPool' || !size) return [node];
    return [{ ...node, opType: 'MaxPool', attribute: [ints('kernel_shape', size), ints('strides', size)] }];
  });
  return { ...model, graph: { ...model.graph, node } };
}
