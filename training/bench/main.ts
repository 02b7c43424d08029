import { createInterface } from 'node:readline';
import { checkPrecision, type Precision } from '../ops/conv3x3.ts';
import { l3 } from '../presets/l3.ts';
import { small } from '../presets/small.ts';
import { createClapperTrainer, type Trainer } from './clapperTrainer.ts';
import { createStockTrainer } from './stockTrainer.ts';

/**
 * The training step alone, to measure: each line on stdin is a {@link Question}, each line on stdout says how long the steps took.
 * `node training/bench/main.ts '{"trainer":"clapper","preset":"l3","folder":"…","width":0.25,"stemStride":2,"batchSize":16}'`
 */
interface Request {
  /** `tfjs`: its own layers, gradients and optimizer. */
  trainer: 'clapper' | 'tfjs';
  preset: 'l3' | 'small';
  /** Of a prepared dataset. */
  folder: string;
  /** These three where they differ from the preset's. */
  width?: number;
  stemStride?: 1 | 2;
  batchSize?: number;
  /** Default float32. */
  precision?: Precision;
}

interface Question {
  steps: number;
  from: 'memory' | 'loader';
}

const { trainer: name, preset: presetName, folder, ...changes }: Request = JSON.parse(process.argv[2] ?? '{}');
const preset = { l3, small }[presetName];
const config = {
  ...preset,
  batchSize: changes.batchSize ?? preset.batchSize,
  rowsAtOnce: null,
  precision: changes.precision ?? preset.precision,
  weightDecay: { amount: 0, kind: 'l2' } as const, // tfjs' Adam has none
  data: { ...preset.data, folder },
  network: {
    ...preset.network,
    width: changes.width ?? preset.network.width,
    stemStride: changes.stemStride ?? preset.network.stemStride,
  },
};
checkPrecision(config.precision);
const trainer = name === 'tfjs' ? createStockTrainer(config) : await createClapperTrainer(config);

async function run(trainer: Trainer, { steps, from }: Question): Promise<void> {
  for (let i = 1; i < steps; i++) (await trainer.step(from)).dispose();
  const last = await trainer.step(from);
  await last.data(); // waits for a GPU
  last.dispose();
}

for await (const line of createInterface({ input: process.stdin })) {
  const question: Question = JSON.parse(line);
  const startMs = performance.now();
  await run(trainer, question);
  console.log(JSON.stringify({ steps: question.steps, seconds: (performance.now() - startMs) / 1000 }));
}
await trainer.close();
