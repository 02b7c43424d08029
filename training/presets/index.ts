import { InputError } from '#core/errors.ts';
import type { TrainConfig } from '../config.ts';
import { digits } from './digits.ts';

export const presets: Record<string, TrainConfig> = { digits };

/** @throws {InputError} naming the presets there are. */
export function findPreset(name: string): TrainConfig {
  const preset = presets[name];
  if (preset) return preset;
  throw new InputError(`There is no preset "${name}". Presets: ${Object.keys(presets).join(', ')}.`, 'not_found');
}
