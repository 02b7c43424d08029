import { Adam } from '../../adam.ts';
import { resolveConfig } from '../../config.ts';
import type { CorrespondenceConfig } from '../../correspondence/config.ts';
import { createCorrespondenceTask } from '../../correspondence/task.ts';
import { findPreset } from '../../presets/index.ts';
import { learningRateAt } from '../../run/schedule.ts';
import type { Experiment, Value } from '../experiment.ts';
import { plainValue } from '../values.ts';
import { l3Network, l3ShortSide } from './l3Settings.ts';
import { realClips } from './realVideos.ts';

const seed = 0;
const taken = 10;
/** Of a run of the report: 100 epochs of 5,000 pairs in batches of 256. */
const steps = 1950;
const shown = [1, 2, 3, 5, 10];

export const firstSteps: Experiment = {
  name: 'l3-first-steps',
  title: 'The loss of L3-Net’s first steps, with and without warm-up',
  published: null,
  protocol:
    'preset `l3` on real videos, a quarter of L3-Net’s channels, stem stride 1, pictures of 112 pixels, batches of 16, Adam at 1e-4; loss of the batch before each step; warm-up over the first ' +
    'hundredth of 1,950 steps, as the preset has it, and none, as the paper',
  minutes: 4,
  seed,
  difference:
    'Adam’s first step moves each weight by the whole rate whatever its gradient, all branches’ weights at once. At the paper’s width the branches’ loss leaps from 1.0 to ' +
    '4.6 by it; at this width it does no harm: with warm-up or without, the loss moves no more than from batch to batch.',
  onlyInResults: true,
  async run(tools) {
    const data = await realClips(tools, { shortSide: l3ShortSide('quarter') });
    const values: Value[] = [];
    for (const [name, warmup] of [
      ['without', 0],
      ['with', 0.01],
    ] as const) {
      const losses = await lossesOf(data, warmup);
      for (const step of shown)
        values.push(plainValue(`loss before step ${step}, ${name} warm-up`, losses[step - 1] as number));
    }
    return { values };
  },
};

async function lossesOf(folder: string, warmup: number): Promise<number[]> {
  const narrow = l3Network('quarter').map((setting) =>
    setting.startsWith('network.stemStride') ? 'network.stemStride=1' : setting,
  );
  const changes = ['batchSize=16', 'rowsAtOnce=null', `data.folder=${folder}`, `warmup=${warmup}`, ...narrow];
  const config = resolveConfig(findPreset('l3', 'correspondence'), changes) as CorrespondenceConfig;
  const task = await createCorrespondenceTask(config, null);
  const optimizer = new Adam(task.variables, config.weightDecay);
  const batches = task.startBatches(0);
  const losses: number[] = [];
  try {
    for (let step = 1; step <= taken; step++) {
      const batch = await batches.next();
      const loss = optimizer.minimize(() => batch.loss().loss, learningRateAt(step, { ...config, steps }));
      losses.push((await loss.data())[0] as number);
      loss.dispose();
      batch.dispose();
    }
  } finally {
    await batches.close();
  }
  return losses;
}
