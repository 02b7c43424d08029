import type { Case } from '../parity.ts';
import { convolutions } from './convolutions.ts';
import { elementwise } from './elementwise.ts';
import { others } from './others.ts';
import { shapes } from './shapes.ts';

/** Tiny graphs of every operator that is converted, by family. */
export const families: Record<string, Record<string, Case>> = {
  'numbers by themselves': elementwise,
  'convolutions and pooling': convolutions,
  'shapes, slices and what is made': shapes,
  'products, reductions, places, pictures and spectra': others,
};
