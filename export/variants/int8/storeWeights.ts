import type { ModelProto, NodeProto, TensorProto } from '../../onnx/messages.ts';
import { elementType, floatsOf, tensorOf, viewGraph } from '../graphView.ts';
import { outputAxis } from './quantize.ts';
import { int8Weights } from './scheme.ts';

/**
 * Weights as int8 in the file alone: ONNX Runtime makes float32 of them when it loads the graph, and computes as before. For heads, which are no
 * work and whose numbers people see.
 */
export function storeWeights(model: ModelProto): ModelProto {
  const { weight, readers } = viewGraph(model.graph);
  const stored = new Map<string, TensorProto[]>();
  const nodes: NodeProto[] = [];
  for (const node of model.graph.node) {
    const kernel = weight.get(node.input[1] ?? '');
    const isLayer = ['Conv', 'Gemm', 'MatMul'].includes(node.opType) && kernel?.dataType === elementType.float32;
    if (isLayer && kernel.dims.length >= 2 && readers.get(kernel.name)?.length === 1) {
      const { name, dims } = kernel;
      const axis = node.opType === 'MatMul' ? dims.length - 1 : outputAxis(node);
      const { whole, scales } = int8Weights(floatsOf(kernel), { dims, axis });
      const scaleDims = dims.map((size, i) => (i === axis ? size : 1));
      stored.set(name, [
        tensorOf(`${name}/int8`, whole, dims, elementType.int8),
        tensorOf(`${name}/scale`, scales, scaleDims, elementType.float32),
      ]);
      const to: NodeProto['attribute'] = [{ name: 'to', type: 2, i: elementType.float32 }];
      nodes.push({
        name: `${name}/whole`,
        opType: 'Cast',
        input: [`${name}/int8`],
        output: [`${name}/whole`],
        attribute: to,
      });
      nodes.push({ name, opType: 'Mul', input: [`${name}/whole`, `${name}/scale`], output: [name], attribute: [] });
    }
    nodes.push(node);
  }
  const initializer = model.graph.initializer.flatMap((tensor) => stored.get(tensor.name) ?? [tensor]);
  return { ...model, graph: { ...model.graph, node: nodes, initializer } };
}
