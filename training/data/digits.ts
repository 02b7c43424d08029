import { readFile } from 'node:fs/promises';
import { type DigitPair, type DigitSplit, readDigits } from '#core/datasets/digits.ts';
import type { Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';

const folder = new URL('../../datasets/digits/', import.meta.url);

export interface DigitsDataset {
  train: DigitSplit;
  validation: DigitSplit;
  test: DigitSplit;
}

/**
 * The dataset that the repository carries.
 *
 * @param holdOutSpeaker left out of `train` and `validation`, and alone in `test`; null: every speaker is in all three.
 * @throws {InputError} for a speaker who is not in the dataset.
 */
export async function loadDigits(holdOutSpeaker: string | null): Promise<DigitsDataset> {
  const load = (split: Split) => readDigits((file) => readFile(new URL(file, folder)), split);
  const [train, validation, test] = [await load('train'), await load('validation'), await load('test')];
  if (holdOutSpeaker === null) return { train, validation, test };
  const speakers = [...new Set(test.recordings.map(({ speaker }) => speaker))];
  if (!speakers.includes(holdOutSpeaker)) {
    throw new InputError(
      `There is no speaker "${holdOutSpeaker}" to hold out. Speakers: ${speakers.join(', ')}.`,
      'not_found',
    );
  }
  return {
    train: keepSpeakers(train, (speaker) => speaker !== holdOutSpeaker),
    validation: keepSpeakers(validation, (speaker) => speaker !== holdOutSpeaker),
    test: keepSpeakers(test, (speaker) => speaker === holdOutSpeaker),
  };
}

function keepSpeakers(split: DigitSplit, isKept: (speaker: string) => boolean): DigitSplit {
  const kept = split.recordings.flatMap(({ speaker }, i) => (isKept(speaker) ? [i] : []));
  const position = new Map(kept.map((old, now) => [old, now]));
  const pairs = split.pairs.flatMap((pair): DigitPair[] => {
    const recording = position.get(pair.recording);
    return recording === undefined ? [] : [{ ...pair, recording }];
  });
  return { ...split, recordings: split.recordings.filter((_, i) => position.has(i)), pairs };
}
