import type { OperatorConverter } from '../operator.ts';
import { convolutions } from './convolution.ts';
import { creation } from './creation.ts';
import { elementwise } from './elementwise.ts';
import { gathering } from './gathering.ts';
import { image } from './image.ts';
import { matrices } from './matrices.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';
import { slicing } from './slicing.ts';
import { spectral } from './spectral.ts';

/** Every operator of TensorFlow that can be converted, but constants, inputs and switches. docs/export.md lists them. */
export const operatorConverters: Record<string, OperatorConverter> = {
  ...convolutions,
  ...creation,
  ...elementwise,
  ...gathering,
  ...image,
  ...matrices,
  ...reductions,
  ...shapes,
  ...slicing,
  ...spectral,
};
