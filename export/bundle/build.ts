import { createHash } from 'node:crypto';
import type { BundleFile, BundleManifest, VariantFiles } from '#core/bundle/manifest.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { audioGraph, imageGraph } from '../graphs/encoders.ts';
import { classifierGraph, matchGraph } from '../graphs/heads.ts';
import type { GraphBuilder } from '../onnx/graph.ts';
import { modelBytes } from '../onnx/model.ts';
import { producerVersion } from '../producer.ts';
import { describeBundle } from './description.ts';
import { modelCard } from './modelCard.ts';
import { publicConfig } from './settings.ts';

export interface BundleDescription {
  name: string;
  version: string;
  /** Of the weights; default the licence of the data. */
  licence?: string | undefined;
  /** Markdown for the end of the model card. */
  notes?: string | undefined;
}

/** @returns every file of the bundle by its name; the same bytes for the same checkpoint and description. */
export function buildBundle(
  { state, golden, models }: Checkpoint,
  description: BundleDescription,
): Map<string, Uint8Array> {
  const { name, version, licence = state.dataset.licence, notes } = description;
  const { spectrogram, image } = state.config.model;
  const config = publicConfig(state.config);
  const configSha256 = sha256(JSON.stringify(config));
  const files = new Map<string, Uint8Array>();
  const add = (file: string, bytes: Uint8Array): BundleFile => {
    files.set(file, bytes);
    return { file, sha256: sha256(bytes), bytes: bytes.length };
  };
  const addGraph = (file: string, graph: GraphBuilder) =>
    add(
      file,
      modelBytes(graph, {
        doc: `${file} of the Clapper bundle "${name}".`,
        producerVersion,
        metadata: { name, version, licence, config_sha256: configSha256 },
      }),
    );

  const audioEncoder = models.audio && audioGraph(models.audio, spectrogram);
  const imageEncoder = models.image && imageGraph(models.image, image);
  const sizes = { audio: audioEncoder?.sizes, image: imageEncoder?.sizes };
  const graphFiles: VariantFiles = {
    ...(audioEncoder && { audio: addGraph('audio.onnx', audioEncoder.graph) }),
    ...(imageEncoder && { image: addGraph('image.onnx', imageEncoder.graph) }),
    ...(models.match && { match: addGraph('match.onnx', matchGraph(models.match, sizes)) }),
    classifiers: {},
  };
  for (const { model, ...classifier } of models.classifiers) {
    const graph = classifierGraph(model, { ...classifier, sizes });
    graphFiles.classifiers[classifier.name] = addGraph(`classify-${classifier.name}.onnx`, graph);
  }

  const manifest: BundleManifest = {
    schema: 'clapper-bundle/1',
    name,
    version,
    description: describeBundle(state),
    licence,
    input: {
      ...(audioEncoder && {
        audio: {
          sampleRate: spectrogram.sampleRate,
          samples: spectrogram.samples,
          channels: 'mean',
          resampler: 'polyphase/kaiser-110dB',
        },
      }),
      ...(imageEncoder && {
        image: {
          width: image.width,
          height: image.height,
          shortSide: image.shortSide,
          resizer: 'pica/lanczos3',
          background: 'white',
        },
      }),
    },
    embeddingSize: {
      ...(audioEncoder && { audio: audioEncoder.sizes.embedding }),
      ...(imageEncoder && { image: imageEncoder.sizes.embedding }),
    },
    classifiers: state.classifiers,
    variants: { fp32: graphFiles },
    golden: add('golden.json', textBytes(JSON.stringify(golden))),
    training: {
      preset: state.preset,
      steps: state.step,
      data: state.dataset.name,
      testFold: state.dataset.testFold,
      seed: state.seed,
      commit: state.commit,
      configSha256,
      config,
    },
    metrics: state.metrics,
  };
  add('manifest.json', textBytes(JSON.stringify(manifest, null, 2)));
  add('MODEL_CARD.md', textBytes(modelCard({ manifest, state, parameters: countParameters(models), notes })));
  return files;
}

function countParameters({ audio, image, match, classifiers }: Checkpoint['models']): number {
  const all = [audio, image, match, ...classifiers.map(({ model }) => model)].filter((model) => model !== null);
  const weights = all.flatMap(({ layers }) => layers).flatMap((layer) => Object.values(layer.weights));
  return weights.reduce((sum, { data }) => sum + data.length, 0);
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
