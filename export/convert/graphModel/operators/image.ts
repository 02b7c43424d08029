import { z } from 'zod';
import { type Placing, type ResizeOptions, resize } from '../../resize.ts';
import { fromChannelsFirst, toChannelsFirst } from '../../window.ts';
import { asIntegers, defineOperator, type OperatorConverter } from '../operator.ts';

const flag = z.boolean().default(false);

function resizing(mode: ResizeOptions['mode']): OperatorConverter {
  return defineOperator({
    attributes: z.object({ align_corners: flag, half_pixel_centers: flag }),
    convert: (call) => {
      const { nodes, input, attributes } = call;
      const placing: Placing = attributes.align_corners
        ? 'corners'
        : attributes.half_pixel_centers
          ? 'centres'
          : 'edges';
      const x = toChannelsFirst(nodes, nodes.float(input), 'channels_last');
      return fromChannelsFirst(resize(nodes, x, asIntegers(call, 1), { mode, placing }), 'channels_last');
    },
  });
}

export const image: Record<string, OperatorConverter> = {
  ResizeBilinear: resizing('linear'),
  ResizeNearestNeighbor: resizing('nearest'),
};
