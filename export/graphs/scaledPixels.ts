import type { ImageFrontend } from '#core/config.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';

/**
 * Pixels as decoders give them → what the first convolution sees.
 *
 * @param image uint8 `[B, H, W, 3]`.
 * @returns float32 `[B, 3, H, W]`, value × scale + offset.
 */
export function addScaledPixels(
  graph: GraphBuilder,
  image: Value,
  { width, height, scale, offset }: ImageFrontend,
): Value {
  const shape: Value['shape'] = ['batch', height, width, 3];
  const pixels = graph.node('Cast', { name: 'image/float', inputs: [image], shape, attributes: { to: { int: 1 } } });
  const scaled = graph.node('Mul', {
    name: 'image/scaled',
    inputs: [pixels, graph.scalar('image/scale', scale)],
    shape,
  });
  const shifted = graph.node('Add', {
    name: 'image/shifted',
    inputs: [scaled, graph.scalar('image/offset', offset)],
    shape,
  });
  return graph.node('Transpose', {
    name: 'image/channels_first',
    inputs: [shifted],
    shape: ['batch', 3, height, width],
    attributes: { perm: { ints: [0, 3, 1, 2] } },
  });
}
