import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointState } from '#core/checkpoint.ts';
import type { ModelConfig } from '#core/config.ts';
import { Random } from '#core/random.ts';
import { makeGolden, type NetworkParts } from '../../../training/golden.ts';
import { createClassifier } from '../../../training/model/heads.ts';
import { createNetwork, type Network } from '../../../training/model/network.ts';
import type { Probe } from '../../../training/probe.ts';
import type { Classifier } from '../../../training/task.ts';
import type { tf } from '../../../training/tensorflow/load.ts';
import { randomizeWeights, savedFiles } from './layersModel.ts';

/** Small and quick, with every part that the digits model has. */
export const smallConfig: ModelConfig = {
  spectrogram: {
    sampleRate: 8000,
    samples: 8000,
    windowLength: 256,
    hopLength: 160,
    nFft: 256,
    nMels: 40,
    minHz: 60,
    maxHz: 4000,
    logOffset: 1e-6,
  },
  image: { width: 28, height: 28, shortSide: 28, scale: 1 / 127.5, offset: -1 },
  audioBranch: { channels: [4, 6, 8], stemStride: 1, featureGrid: [2, 3], pooling: 'max' },
  imageBranch: { channels: [4, 6, 8], stemStride: 1, featureGrid: [3, 3], pooling: 'max' },
  matchHead: 'hidden',
  headUnits: 16,
};

export interface TestNetwork extends Network {
  probes: Probe[];
}

/** An untrained network whose every weight and statistic is random, so that a mistake anywhere shows. */
export function randomNetwork(config: ModelConfig, seed = 3): TestNetwork {
  const network = createNetwork(config, seed);
  const labels = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
  const probe = (name: string, input: Probe['input'], inputSize: number): Probe => ({
    name,
    input,
    labels,
    model: createClassifier({ input, inputSize, classes: labels.length }, new Random(seed)),
  });
  const probes = [
    probe('spoken-digit', 'audio_embedding', config.audioBranch.channels.at(-1) as number),
    probe('handwritten-digit', 'image_embedding', config.imageBranch.channels.at(-1) as number),
  ];
  const models = [network.audio, network.image, network.match, ...probes.map(({ model }) => model)];
  for (const [i, model] of models.entries()) randomizeWeights(model, seed + i);
  return { ...network, probes };
}

/** What a run that classifies leaves: one branch of the network, and a head on it. */
export type TestParts = NetworkParts & { probes: Classifier[] };

/** An untrained branch with an untrained classifier, every weight random. */
export function randomClassifier(
  config: ModelConfig,
  { input, hidden, labels }: { input: Classifier['input']; hidden: number | null; labels: string[] },
): TestParts {
  const sense = input.startsWith('audio') ? 'audio' : 'image';
  const { frontends, [sense]: branch } = createNetwork(config, 3);
  const [embedding, features] = branch.outputs.map(({ shape }) => shape.at(-1) as number);
  const inputSize = (input.endsWith('embedding') ? embedding : features) as number;
  const model = createClassifier({ input, inputSize, classes: labels.length, hidden }, new Random(3));
  for (const [i, one] of [branch, model].entries()) randomizeWeights(one, 3 + i);
  return { config, frontends, [sense]: branch, probes: [{ name: 'things', input, labels, model }] };
}

/**
 * Writes `step-7/` of a run as the trainer does.
 *
 * @param change what the state says otherwise.
 * @returns the run's folder.
 */
export async function writeCheckpoint(network: TestParts, change: Partial<CheckpointState> = {}): Promise<string> {
  const run = await mkdtemp(join(tmpdir(), 'clapper-run-'));
  const folder = join(run, 'step-7');
  const parts = (['audio', 'image', 'match'] as const).filter((part) => network[part]);
  const models: [string, tf.LayersModel][] = [
    ...parts.map((part): [string, tf.LayersModel] => [part, network[part] as tf.LayersModel]),
    ...network.probes.map(({ name, model }): [string, tf.LayersModel] => [`classify-${name}`, model]),
  ];
  for (const [name, model] of models) {
    await mkdir(join(folder, name), { recursive: true });
    for (const [file, bytes] of await savedFiles(model)) await writeFile(join(folder, name, file), bytes);
  }
  await writeFile(join(folder, 'golden.json'), JSON.stringify(makeGolden(network, network.probes)));
  const state = {
    schema: 'clapper-checkpoint/1',
    step: 7,
    finished: true,
    preset: 'digits',
    seed: 0,
    commit: 'abc1234',
    dataset: { name: 'digits', description: 'Spoken and handwritten digits.', licence: 'CC-BY-SA-4.0' },
    config: { model: network.config },
    parts,
    classifiers: network.probes.map(({ name, input, labels }) => ({ name, input, labels })),
    metrics: {
      pairs: 3000,
      accuracy: 0.9,
      accuracyLow: 0.8801,
      accuracyHigh: 0.9187,
      rocAuc: 0.95,
      'spoken-digit-accuracy': 0.8,
    },
    ...change,
  };
  await writeFile(join(folder, 'state.json'), JSON.stringify(state));
  return run;
}
