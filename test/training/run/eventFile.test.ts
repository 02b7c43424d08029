import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { beginEventFile } from '../../../training/run/tensorboard/eventFile.ts';
import { type Python, pythonWith } from '../../support/pythonWith.ts';

const python = await pythonWith(['tensorboard', 'numpy']); // some 20 s the first time
const reason = 'missing' in python ? ` (skipped: ${python.missing})` : '';

/** What TensorBoard shows of a folder: [step, value] by tag. */
async function shown(folder: string): Promise<Record<string, [number, number][]>> {
  const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]).Reload()
tags = events.Tags()['scalars']
print(json.dumps({tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in tags}))`;
  return JSON.parse(await (python as Python)('-c', script, folder));
}

describe.skipIf(reason)(`TensorBoard${reason}`, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clapper-events-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('shows every scalar at its step, while the file is still written', async () => {
    const file = await beginEventFile(folder, 1);
    await file.write(20, { 'loss/train': 0.6875 });
    await file.write(2 ** 33, { 'loss/train': 0.25, 'accuracy/validation': 0.5 }); // beyond 32 bits
    expect(await shown(folder)).toEqual({
      'loss/train': [
        [20, 0.6875],
        [2 ** 33, 0.25],
      ],
      'accuracy/validation': [[2 ** 33, 0.5]],
    });
  });

  test('a resumed run drops what was logged after the checkpoint, and shows each step once', async () => {
    const killed = await beginEventFile(folder, 1);
    for (const step of [20, 40, 60, 80]) await killed.write(step, { 'loss/train': 0.5, 'accuracy/train': 0.5 });
    await killed.write(80, { 'accuracy/validation': 0.5 });
    const resumed = await beginEventFile(folder, 51); // within the same second
    await resumed.write(60, { 'loss/train': 0.25 });
    expect(readdirSync(folder)).toHaveLength(2);
    expect(await shown(folder)).toEqual({
      'loss/train': [
        [20, 0.5],
        [40, 0.5],
        [60, 0.25],
      ],
      'accuracy/train': [
        [20, 0.5],
        [40, 0.5],
      ],
      'accuracy/validation': [],
    });
  });
});
