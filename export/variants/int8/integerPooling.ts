import type { AttributeProto, ModelProto, NodeProto } from '../../onnx/messages.ts';
import { sizesOf, viewGraph } from '../graphView.ts';

/** Writes pooling over all of a picture as pooling over windows of its size, which ONNX Runtime has for uint8. */
export function integerPooling(model: ModelProto): ModelProto {
  const view = viewGraph(model.graph);
  const ints = (name: string, numbers: number[]): AttributeProto => ({ name, type: 7, ints: numbers });
  const node = model.graph.node.map((node): NodeProto => {
    const size = sizesOf(view, node.input[0] ?? '')?.slice(2);
    if (node.opType !== 'GlobalMaxPool' || !size) return node;
    return { ...node, opType: 'MaxPool', attribute: [ints('kernel_shape', size), ints('strides', size)] };
  });
  return { ...model, graph: { ...model.graph, node } };
}
