import { createHash } from 'node:crypto';
import { toleranceCaps } from '#core/bundle/golden/tolerance.ts';
import { classifierGraphName, type Graph, type VariantContent } from '#core/bundle/graphs.ts';
import { type BundleManifest, parseManifest } from '#core/bundle/manifest.ts';
import { resampler, resizer } from '#core/media/methods.ts';
import { packageInfo } from '#node/packageInfo.ts';
import { modelCard } from '../card/modelCard.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { audioGraph, imageGraph } from '../graphs/encoders.ts';
import { classifierGraph, matchGraph } from '../graphs/heads.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { GraphBuilder } from '../onnx/graph.ts';
import type { ModelProto } from '../onnx/messages.ts';
import { metadataProps, modelBytes } from '../onnx/model.ts';
import { addFile, type BundleFiles } from '../variants/bundleFiles.ts';
import { describeBundle } from './description.ts';
import { publicConfig } from './settings.ts';

export interface BundleDescription {
  name: string;
  version: string;
  /** Of the weights; default the licence of the data. */
  licence?: string | undefined;
  /** Markdown for the end of the model card. */
  notes?: string | undefined;
  /** Graphs that another route made, by their names, in place of ours. */
  converted?: ReadonlyMap<string, ModelProto> | undefined;
}

/**
 * Of long sounds made from the digits' validation split (1, 3 and 8 words), 0.25 judges more right than 0, 0.5, 0.75, 1 and the mean of odds do
 * (0.964, 0.916 and 0.932; the highest window alone 0.960, 0.912 and 0.924).
 */
const windowDiscount = 0.25;

/** @returns every file of the bundle by its name; the same bytes for the same checkpoint and description. */
export function buildBundle({ state, golden, models }: Checkpoint, description: BundleDescription): BundleFiles {
  const { name, version, licence = state.dataset.licence, notes, converted } = description;
  const { spectrogram, image } = state.config.model;
  const config = publicConfig(state.config);
  const configSha256 = createHash('sha256').update(JSON.stringify(config)).digest('hex');
  const files: BundleFiles = new Map();
  const graphs: Graph[] = [];
  const fp32: VariantContent = { files: {}, tolerance: {}, metrics: state.metrics };
  const addGraph = (graphName: string, kind: Graph['kind'], graph: GraphBuilder) => {
    const file = `${graphName}.onnx`;
    const doc = `${file} of the Clapper bundle "${name}".`;
    const metadata = { name, version, licence, config_sha256: configSha256 };
    const other = converted?.get(graphName);
    const bytes = other
      ? encodeModel({ ...other, docString: doc, metadataProps: metadataProps(metadata) })
      : modelBytes(graph, { doc, producerVersion: packageInfo.version, metadata });
    graphs.push({ name: graphName, kind, ...signatureOf(graph) });
    fp32.files[graphName] = addFile(files, file, bytes);
    const { encoder, head } = toleranceCaps.fp32;
    const isEncoder = kind.endsWith('encoder');
    for (const output of isEncoder ? [`${graphName}_embedding`, `${graphName}_features`] : [graphName]) {
      fp32.tolerance[output] = isEncoder ? encoder : head;
    }
  };

  const audioEncoder = models.audio && audioGraph(models.audio, spectrogram);
  const imageEncoder = models.image && imageGraph(models.image, image);
  const sizes = { audio: audioEncoder?.sizes, image: imageEncoder?.sizes };
  if (audioEncoder) addGraph('audio', 'audio-encoder', audioEncoder.graph);
  if (imageEncoder) addGraph('image', 'image-encoder', imageEncoder.graph);
  if (models.match) addGraph('match', 'match-head', matchGraph(models.match, sizes));
  for (const { model, ...classifier } of models.classifiers) {
    addGraph(classifierGraphName(classifier.name), 'classifier', classifierGraph(model, { ...classifier, sizes }));
  }

  const manifest: BundleManifest = {
    schema: 'clapper-bundle/2',
    name,
    version,
    description: describeBundle(state),
    licence,
    input: {
      ...(audioEncoder && {
        audio: { sampleRate: spectrogram.sampleRate, samples: spectrogram.samples, channels: 'mean', resampler },
      }),
      ...(imageEncoder && {
        image: { width: image.width, height: image.height, shortSide: image.shortSide, resizer, background: 'white' },
      }),
    },
    graphs,
    classifiers: state.classifiers,
    matching: { windowDiscount },
    variants: { fp32 },
    golden: addFile(files, 'golden.json', textBytes(JSON.stringify(golden))),
    training: {
      preset: state.preset,
      steps: state.step,
      data: state.dataset.name,
      dataDescription: state.dataset.description,
      dataLicence: state.dataset.licence,
      parameters: countParameters(models),
      finished: state.finished,
      testFold: state.dataset.testFold,
      seed: state.seed,
      commit: state.commit,
      configSha256,
      config,
    },
  };
  const json = JSON.stringify(manifest, null, 2);
  const parsed = parseManifest(json, 'The manifest of this checkpoint'); // refused before anything is written
  addFile(files, 'manifest.json', textBytes(json));
  addFile(files, 'MODEL_CARD.md', textBytes(modelCard(parsed, notes)));
  return files;
}

function signatureOf(graph: GraphBuilder): Pick<Graph, 'inputs' | 'outputs'> {
  const { inputs, outputs } = graph;
  const tensors = (values: typeof inputs) =>
    values.map(({ name, type, shape }) => ({ name, dtype: type, shape })) as Graph['inputs']; // the schema checks it
  return { inputs: tensors(inputs), outputs: tensors(outputs) };
}

function countParameters({ audio, image, match, classifiers }: Checkpoint['models']): number {
  const all = [audio, image, match, ...classifiers.map(({ model }) => model)].filter((model) => model !== null);
  const weights = all.flatMap((model) => [...model.weights.values()]);
  return weights.reduce((sum, { data }) => sum + data.length, 0);
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}
