import { checkPrecision } from '../../ops/conv3x3.ts';
import type { Experiment } from '../experiment.ts';
import { sets, valueFrom } from '../values.ts';
import { at44100Hz, esc50 } from './datasets.ts';

const seed = 0;
const precisions = ['float32', 'bf16'] as const;

export const precision: Experiment = {
  name: 'bf16',
  title: 'Steps in bfloat16 beside float32: the digits, and ESC-50’s fold 1',
  published: null,
  protocol:
    'preset `digits` whole; preset `strong` on fold 1 at 10 of its 100 epochs, half its channels; each in float32 and in bf16, all else the same',
  minutes: 12,
  seed,
  difference: null,
  onlyInResults: true,
  async run(tools) {
    checkPrecision('bf16');
    const values = [];
    const histories = [];
    for (const kind of precisions) {
      const { run, metrics } = await tools.train(`digits-${kind}`, [
        '--preset',
        'digits',
        ...sets(`precision=${kind}`),
      ]);
      values.push(valueFrom(`digits, pairs, ${kind}`, metrics));
      histories.push({ name: `digits ${kind}`, run });
    }
    const data = await esc50(tools);
    for (const kind of precisions) {
      const { run, metrics } = await tools.train(`strong-short-${kind}`, [
        ...['--preset', 'strong', '--from', 'random', '--data', data, ...at44100Hz],
        ...sets('testFold=1', 'epochs=10', 'network.width=0.5', `precision=${kind}`),
      ]);
      values.push(valueFrom(`ESC-50 fold 1, ${kind}`, metrics));
      histories.push({ name: `fold 1 ${kind}`, run });
    }
    return { values, histories };
  },
};
