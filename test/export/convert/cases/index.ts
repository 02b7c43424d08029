import type { Case } from '../support/parity.ts';
import { activationLayers, activations, layersAsActivations } from './activations.ts';
import { convolutions } from './convolutions.ts';
import { wholeNumbers, writtenForms } from './forms.ts';
import { core, merges, pictures } from './others.ts';
import { sequences } from './sequences.ts';

/** Tiny models of every layer and activation, with the settings that change what they compute. */
export const families: Record<string, Record<string, Case>> = {
  activations,
  'activation layers': activationLayers,
  'layers in the place of activations': layersAsActivations,
  'convolutions and pooling': convolutions,
  'core layers and normalisation': core,
  'layers of several inputs': merges,
  pictures,
  sequences,
  'inputs of whole numbers': wholeNumbers,
  'forms that tfjs reads': writtenForms,
};
