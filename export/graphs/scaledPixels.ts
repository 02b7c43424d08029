import type { ImageFrontend } from '#core/config.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { elementTypes } from '../onnx/value.ts';

/**
 * Pixels as decoders give them → what the first convolution sees.
 *
 * @param image uint8 `[B, H, W, 3]`.
 * @returns float32 `[B, 3, H, W]`, value × scale + offset.
 */
export function addScaledPixels(graph: GraphBuilder, image: Value, { scale, offset }: ImageFrontend): Value {
  const pixels = graph.node('Cast', { name: 'image/float', inputs: [image], attributes: { to: elementTypes.float32 } });
  const scaled = graph.node('Mul', {
    name: 'image/scaled',
    inputs: [pixels, graph.scalar('image/scale', scale)],
  });
  const shifted = graph.node('Add', {
    name: 'image/shifted',
    inputs: [scaled, graph.scalar('image/offset', offset)],
  });
  return graph.node('Transpose', {
    name: 'image/channels_first',
    inputs: [shifted],
    attributes: { perm: [0, 3, 1, 2] },
  });
}
