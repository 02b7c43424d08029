import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import { InputError } from '../errors.ts';
import { parseJson } from '../json.ts';
import { cannot } from './abilities.ts';
import { type Golden, goldenSchema } from './golden.ts';
import {
  type BundleFile,
  type BundleManifest,
  type Classifier,
  graphFiles,
  manifestSchema,
  type Variant,
} from './manifest.ts';

/** The parts of ONNX Runtime used here: onnxruntime-node and onnxruntime-web both have them. */
export interface OnnxRuntime {
  InferenceSession: { create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: TensorConstructor;
}

export interface OpenBundleOptions {
  /** Reads one file of the bundle by its name: from a folder, over HTTP. */
  read: (file: string) => Promise<Uint8Array>;
  runtime: OnnxRuntime;
  /** Default fp32. */
  variant?: Variant;
  sessionOptions?: InferenceSession.SessionOptions;
}

/** What an encoder gives for a batch: one row an input. */
export interface Encoded {
  embeddings: Float32Array[];
  features: Float32Array[];
}

/** @returns the rows that a classifier reads. */
export function rowsFor(input: Classifier['input'], { embeddings, features }: Encoded): Float32Array[] {
  return input.endsWith('embedding') ? embeddings : features;
}

/** The bundle's graphs as functions. Rows in, rows out; any batch size. Of a graph that the bundle lacks, an {@link InputError}. */
export interface BundleGraphs {
  /** @param waveforms each `[N]` float32 in [-1, 1] at the manifest's rate. */
  audio(waveforms: Float32Array[]): Promise<Encoded>;
  /** @param images each RGB uint8 `[H, W, 3]`. */
  image(images: Uint8Array[]): Promise<Encoded>;
  /** @returns P(they belong together) of each row pair. */
  match(audioEmbeddings: Float32Array[], imageEmbeddings: Float32Array[]): Promise<Float32Array>;
  /** @returns probabilities `[classes]` of each row. */
  classify(name: string, rows: Float32Array[]): Promise<Float32Array[]>;
}

export interface Bundle {
  manifest: BundleManifest;
  variant: Variant;
  golden: Golden;
  graphs: BundleGraphs;
  release(): Promise<void>;
}

/**
 * Reads a bundle, checks every file against its manifest and loads its graphs.
 *
 * @throws {InputError} for a manifest that is not as expected, a file that is not what the manifest says, a variant it lacks.
 */
export async function openBundle(options: OpenBundleOptions): Promise<Bundle> {
  const { read, runtime, variant = 'fp32', sessionOptions } = options;
  const manifest = parseJson(manifestSchema, decodeText(await read('manifest.json')), 'manifest.json');
  const files = manifest.variants[variant];
  if (!files) {
    throw new InputError(
      `Bundle "${manifest.name}" has no ${variant} variant; it has ${Object.keys(manifest.variants).join(', ')}.`,
      'not_found',
    );
  }
  const readChecked = async (entry: BundleFile) => {
    const content = await read(entry.file);
    await checkContent(content, entry);
    return content;
  };
  const golden = parseJson(goldenSchema, decodeText(await readChecked(manifest.golden)), manifest.golden.file);

  // All are read and checked before the first is loaded: over HTTP side by side, and a broken one leaves no session behind.
  const entries = graphFiles(files);
  const contents = await Promise.all(entries.map(readChecked));
  const models = new Map(entries.map(({ file }, i) => [file, contents[i] as Uint8Array]));
  const sessions: InferenceSession[] = [];
  const load = async ({ file }: BundleFile) => {
    const session = await runtime.InferenceSession.create(models.get(file) as Uint8Array, sessionOptions);
    sessions.push(session);
    return session;
  };
  const audio = files.audio && (await load(files.audio));
  const image = files.image && (await load(files.image));
  const match = files.match && (await load(files.match));
  const classifiers = new Map<string, { session: InferenceSession; input: string }>();
  for (const { name, input } of manifest.classifiers) {
    const entry = files.classifiers[name];
    if (!entry) throw new InputError(`manifest.json lists no ${variant} file for the classifier "${name}".`);
    classifiers.set(name, { session: await load(entry), input });
  }

  const floats = (rows: Float32Array[]) =>
    new runtime.Tensor('float32', concatenate(Float32Array, rows), [rows.length, rows[0]?.length ?? 0]);

  return {
    manifest,
    variant,
    golden,
    graphs: {
      async audio(waveforms) {
        if (!audio) throw cannot(manifest, 'embed-audio');
        const output = await audio.run({ waveform: floats(waveforms) });
        return { embeddings: rowsOf(output.audio_embedding), features: rowsOf(output.audio_features) };
      },
      async image(images) {
        if (!image || !manifest.input.image) throw cannot(manifest, 'embed-image');
        const { width, height } = manifest.input.image;
        const pixels = new runtime.Tensor('uint8', concatenate(Uint8Array, images), [images.length, height, width, 3]);
        const output = await image.run({ image: pixels });
        return { embeddings: rowsOf(output.image_embedding), features: rowsOf(output.image_features) };
      },
      async match(audioEmbeddings, imageEmbeddings) {
        if (!match) throw cannot(manifest, 'match');
        const output = await match.run({
          audio_embedding: floats(audioEmbeddings),
          image_embedding: floats(imageEmbeddings),
        });
        return output.probability?.data as Float32Array;
      },
      async classify(name, rows) {
        const classifier = classifiers.get(name);
        if (!classifier) {
          throw new InputError(
            `Bundle "${manifest.name}" has no classifier "${name}"; it has ${[...classifiers.keys()].join(', ') || 'none'}.`,
            'not_found',
          );
        }
        const output = await classifier.session.run({ [classifier.input]: floats(rows) });
        return rowsOf(output.probabilities);
      },
    },
    async release() {
      for (const session of sessions) await session.release();
    },
  };
}

async function checkContent(content: Uint8Array, { file, sha256, bytes }: BundleFile): Promise<void> {
  const advice = 'the file was changed or cut short. Copy or export the bundle again.';
  if (content.length !== bytes) {
    throw new InputError(`Expected ${file} with ${bytes} bytes but it has ${content.length}: ${advice}`);
  }
  // Browsers keep this from pages that come over plain HTTP from another machine: there the length must do.
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  if (!subtle) return;
  const digest = new Uint8Array(await subtle.digest('SHA-256', content as BufferSource));
  const actual = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (actual !== sha256) throw new InputError(`Expected ${file} with sha256 ${sha256} but it has ${actual}: ${advice}`);
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function concatenate<A extends Float32Array | Uint8Array>(ArrayType: new (length: number) => A, rows: A[]): A {
  const length = rows[0]?.length ?? 0;
  const all = new ArrayType(rows.length * length);
  for (const [i, row] of rows.entries()) {
    if (row.length !== length) {
      throw new RangeError(`Expected rows of ${length} numbers but row ${i} has ${row.length}.`);
    }
    all.set(row, i * length);
  }
  return all;
}

function rowsOf(tensor: Tensor | undefined): Float32Array[] {
  if (!tensor) throw new Error('The graph lacks an output that the bundle format asks for.');
  const [rows = 0, length = 0] = tensor.dims;
  const data = tensor.data as Float32Array;
  return Array.from({ length: rows }, (_, i) => data.slice(i * length, (i + 1) * length));
}
