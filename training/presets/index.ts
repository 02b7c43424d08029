import { InputError } from '#core/errors.ts';
import type { TrainConfig } from '../config.ts';
import { digits } from './digits.ts';
import { fineTune } from './fineTune.ts';
import { l3 } from './l3.ts';
import { l3Fast } from './l3Fast.ts';
import { nature } from './nature.ts';
import { photos } from './photos.ts';
import { probe } from './probe.ts';
import { report } from './report.ts';
import { small } from './small.ts';
import { strong } from './strong.ts';

const presets: TrainConfig[] = [digits, small, l3Fast, l3, report, fineTune, probe, strong, photos, nature];

/** What a task starts from where no preset is named. */
const firstPreset: Record<TrainConfig['task'], string> = { correspondence: 'small', classify: 'fine-tune' };

/** @throws {InputError} naming the presets there are. */
export function findPreset(name: string | undefined, task: TrainConfig['task'] | undefined): TrainConfig {
  const wanted = name ?? firstPreset[task ?? 'correspondence'];
  const known = presets.filter((preset) => task === undefined || preset.task === task);
  const preset = known.find(({ preset }) => preset === wanted);
  if (preset) return preset;
  const names = known.map(({ preset }) => preset).join(', ');
  throw new InputError(`There is no preset "${wanted}"${task ? ` to ${task}` : ''}. Presets: ${names}.`, 'not_found');
}
