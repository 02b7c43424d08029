import { resolveConfig, type SteppedConfig } from '../../../training/config.ts';
import { findPreset } from '../../../training/presets/index.ts';
import type { TrainResult } from '../../../training/run/trainOptions.ts';
import { train } from '../../../training/train.ts';
import { digests } from './digests.ts';

/** Of a run on digits that takes a second, if it is not judged. */
const smallSettings = [
  'steps=10',
  'saveEvery=3',
  'evalEvery=100',
  'logEvery=2',
  'batchSize=8',
  'network.channels=[4,4]',
];

export interface SmallRun {
  resume?: boolean;
  preset?: string;
  settings?: string[];
  /** As Ctrl-C after this step: one more is taken, and saved. */
  stopAfter?: number;
  /** Is shown all that people are told. */
  onText?: (text: string) => void;
}

/** Trains in this process. @returns what people were told, beside the result. */
export async function trainSmall(
  runDir: string,
  { resume = false, preset = 'digits', settings = [], stopAfter, onText = () => {} }: SmallRun = {},
): Promise<TrainResult & { text: string }> {
  const stop = new AbortController();
  let text = '';
  const write = (words: string) => {
    text += words;
    if (words.includes(`step ${stopAfter} of`)) stop.abort();
    onText(words);
  };
  const config = resolveConfig(findPreset(preset, undefined), [...smallSettings, ...settings]) as SteppedConfig;
  const result = await train({ config, runDir, resume, commit: null, output: { write }, signal: stop.signal });
  return { ...result, text };
}

/** sha256 of a run's metrics, and of the weights and the optimizer's state that it ended with, by file. */
export function outcome(runDir: string, step: number): Record<string, string> {
  const { 'metrics.jsonl': metrics, ...files } = digests(runDir);
  const numbers = Object.entries(files).filter(([file]) => file.startsWith(`step-${step}/`) && file.endsWith('.bin'));
  return { 'metrics.jsonl': metrics as string, ...Object.fromEntries(numbers) };
}
