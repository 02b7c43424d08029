import type { Nodes } from './nodes.ts';
import { plain, shapeOf, type Tensor } from './tensor.ts';

/**
 * A row per sample: TensorFlow flattens rows, then columns, then channels. Where channels stand before pixels, the row keeps their order and
 * says so: a product with known numbers then turns those instead.
 */
export function flattened(nodes: Nodes, tensor: Tensor): Tensor {
  if (tensor.order[0] !== 0) return plain(nodes.op('Flatten', [nodes.plain(tensor)]));
  const value = nodes.op('Flatten', [tensor.value]);
  const wide = tensor.order.slice(1).filter((axis) => shapeOf(tensor)[axis] !== 1);
  const asTensorFlow = wide.every((axis, i) => i === 0 || axis > (wide[i - 1] as number));
  if (asTensorFlow) return plain(value);
  return { ...plain(value), flattened: { shape: shapeOf(tensor), order: tensor.order, grid: tensor.value } };
}
