import { expect, test } from 'vitest';
import { spectrogramShape } from '#core/spectrogram.ts';
import { resolveConfig } from '../../training/config.ts';
import type { CorrespondenceConfig } from '../../training/correspondence/config.ts';
import { createCorrespondenceTask } from '../../training/correspondence/task.ts';
import { createNetwork } from '../../training/model/network.ts';
import { modelConfigOf } from '../../training/model/options.ts';
import { findPreset } from '../../training/presets/index.ts';

const small = findPreset('small', undefined);
const withData = (...changes: string[]) => resolveConfig(small, ['data.folder=prepared', ...changes]);

test('the l3 preset is the paper’s network: 9.5 million parameters, 257 × 199 of sound, 6144 features', () => {
  const { network } = resolveConfig(findPreset('l3', 'correspondence'), ['data.folder=prepared']);
  const model = modelConfigOf(network);
  expect(spectrogramShape(model.spectrogram)).toEqual([257, 199]);
  const { audio, image, match } = createNetwork(model, 0);
  const parameters = audio.countParams() + image.countParams() + match.countParams();
  expect(Math.abs(parameters / 9.5e6 - 1)).toBeLessThan(0.01);
  expect(audio.outputs.map(({ shape }) => shape)).toEqual([
    [null, 512],
    [null, 6144],
  ]);
});

test('a setting is named by its path or, where no other ends so, by its end', () => {
  expect(withData('network.width=0.5')).toEqual(withData('width=0.5'));
  expect(modelConfigOf(withData('width=0.5').network).audioBranch.channels).toEqual([32, 64, 128, 256]);
  expect(withData('weightDecay.amount=0.1')).toEqual(withData('amount=0.1'));
});

test('width, stem stride, frontend, sizes and embedding shape the network', () => {
  const changes = ['width=0.125', 'stemStride=1', 'frontend=linear', 'pictureSize=96', 'embeddingSize=50', 'seconds=2'];
  const { network } = withData(...changes);
  const { spectrogram, image, audioBranch } = modelConfigOf(network);
  expect(audioBranch).toMatchObject({ channels: [8, 16, 32, 50], stemStride: 1 });
  expect(spectrogram).toMatchObject({ nMels: null, samples: 96_000 });
  expect(image).toMatchObject({ width: 96, height: 96, shortSide: 256 });
});

test.each([
  ['widht=0.5', 'There is no setting "widht"', 'Did you mean', 'or network.width?'],
  ['data.augmentation.gian=1', 'data.augmentation.gian', 'Did you mean data.augmentation.gain?'],
  ['weight=3', '"weight" may mean several settings', 'alignment.weight', 'weightDecay'],
  ['width=wide', 'network.width', 'number'],
  ['steps', '--set path=value', 'steps'],
  ['schedule=linear', 'schedule', 'cosine'],
])('%s is refused: what is wrong, and what would do', (change, ...said) => {
  for (const words of said) expect(() => withData(change)).toThrow(words);
});

test('a preset for prepared data says that it needs --data', () => {
  expect(() => resolveConfig(small, [])).toThrow(/--data DIR/);
});

test('sizes that leave nothing of a picture are refused with what would do', () => {
  expect(() => modelConfigOf(withData('pictureSize=20').network)).toThrow(/imageGrid: expected at most 1 × 1/);
});

const digits = findPreset('digits', undefined);

test.each([
  ['seed=4294967296', 'seed'], // would be the run of seed 0
  ['voice.speed=[0,1]', 'data.voice.speed'],
  ['digit.scale=[0,1]', 'data.digit.scale'],
  ['strokePixels=2', 'data.digit.strokePixels'], // ink beyond 255 would become paper
])('%s has no meaning, and is refused', (change, path) => {
  expect(() => resolveConfig(digits, [change])).toThrow(path);
});

test.each([
  [['pictureSize=32', 'pictureShortSide=32'], /pictureSize=28 and pictureShortSide=28.* 32 and 32/],
  [['pictureShortSide=32'], /pictureSize=28 and pictureShortSide=28.* 28 and 32/],
  [['sampleRate=16000', 'maxHz=4000'], /sampleRate=8000.* 16000/],
  [['batchSize=1'], /batchSize.* two or more but received 1/],
  [['batchReuse=2', 'batchSize=8', 'rowsAtOnce=4'], /shown 2 times .* rowsAtOnce=4 makes 2 parts/],
])('digits with %s are refused: they would be noise to the network, or teach it nothing', async (changes, said) => {
  const config = resolveConfig(digits, changes) as CorrespondenceConfig;
  await expect(createCorrespondenceTask(config, null)).rejects.toThrow(said);
});

test('a setting of a group that an earlier change made something else is refused, naming both', () => {
  for (const value of ['null', '5', '[1]', 'word']) {
    expect(() => withData(`weightDecay=${value}`, 'weightDecay.amount=0.1')).toThrow(
      'Expected weightDecay to be a group of settings, of which "weightDecay.amount=0.1" sets one',
    );
  }
});

test('what a preset stands for is chosen with --preset, not changed beneath it', () => {
  for (const change of ['preset=l3', 'task=classify', 'data.kind=digits']) {
    expect(() => withData(change)).toThrow(
      /which the preset stands for, but received .*\. Choose another with --preset/,
    );
  }
  expect(withData('preset=small', 'task=correspondence'), 'as a run prints them').toEqual(withData());
});
