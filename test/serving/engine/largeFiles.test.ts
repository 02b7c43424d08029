import { expect, test } from 'vitest';
import { defaultLimits } from '../../../serving/engine/limits.ts';
import { bundlesToLoad, readModels } from '../../../serving/engine/models.ts';
import type { MediaResult, MediaTask, Rows } from '../../../serving/engine/protocol.ts';
import { startWorkerProcess } from '../../../serving/engine/workerProcess.ts';
import { makeWav } from '../../core/media/support/makeWav.ts';

const task = (files: Uint8Array[]): MediaTask => ({
  task: 'media',
  bundle: 'digits/fp32',
  items: files.map((file, i) => ({ kind: 'audio', name: `sounds[${i}]`, from: { file } })),
  judgement: 'nothing',
  features: false,
  keepsRows: true,
  budgetMs: Number.POSITIVE_INFINITY,
});

const tone = (seconds: number, pitch: number) =>
  makeWav({ channels: [Float32Array.from({ length: seconds * 8000 }, (_, n) => 0.5 * Math.sin(n / pitch))] });

test('files of all sizes, in messages that wait for each other, each reach the task that they belong to', async () => {
  const bundles = bundlesToLoad(await readModels({ folders: ['models/digits'], variants: ['fp32'] }));
  const worker = await startWorkerProcess({ bundles, threads: 1, provider: 'cpu', limits: defaultLimits });
  const embeddings = async (tasks: MediaTask[]) => {
    const results = (await worker.perform(tasks)) as MediaResult[];
    return results.map(({ items }) => (items as Rows[]).map((rows) => Array.from(rows.embeddings.data)));
  };
  try {
    const [short, long, longer, longest] = [tone(1, 3), tone(3, 5), tone(20, 7), tone(90, 9)] as const; // 16 kB to 1.4 MB
    const questions = [[task([longest, short, long])], [task([short]), task([longer])], [task([long, longer])]];
    const together = await Promise.all(questions.map(embeddings));
    const alone = [];
    for (const question of questions) alone.push(await embeddings(question));
    expect(together).toEqual(alone);
    const [first, second, third, fourth] = [
      together[0]?.[0]?.[0],
      together[1]?.[0]?.[0],
      together[1]?.[1]?.[0],
      together[2]?.[0]?.[1],
    ];
    expect(new Set([first, second, third].map(String)).size).toBe(3);
    expect(fourth).toHaveLength(third?.length as number);
    expect(Math.max(...(fourth as number[]).map((value, i) => Math.abs(value - (third?.[i] as number))))).toBeLessThan(
      1e-4,
    );
  } finally {
    await worker.end();
  }
});
