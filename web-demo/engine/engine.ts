import runtimeScript from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import runtimeBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as ort from 'onnxruntime-web/wasm';
import { z } from 'zod';
import { abilitiesOf, cannot } from '#core/bundle/abilities.ts';
import { expectGolden, type GoldenReport } from '#core/bundle/golden/check.ts';
import type { AudioInput, BundleManifest, ImageInput } from '#core/bundle/manifest.ts';
import {
  type Classification,
  createMatcher,
  type Encoded,
  type EncodedSound,
  type Match,
} from '#core/bundle/matcher.ts';
import { openBundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { logSpectrogram } from '#core/logSpectrogram.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { resample } from '#core/media/resample.ts';
import { expectSound } from '#core/media/silence.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { digitSize } from '../picture/digit.ts';
import { paintSpectrogram } from '../sound/paintSpectrogram.ts';
import type { Sound } from '../sound/sound.ts';
import { download } from './download.ts';
import { readPicture } from './readPicture.ts';

/** What is being waited for while the engine opens. */
export interface OpeningProgress {
  step: string;
  /** In [0, 1]; null: not known. */
  share: number | null;
}

export interface EngineFacts {
  manifest: BundleManifest;
  golden: GoldenReport;
  /** Of WebAssembly; 1 where the page is not isolated (it lacks COOP and COEP headers). */
  threads: number;
}

export interface Heard {
  /** What the model hears: its spectrogram, painted. */
  spectrogram: ImageData;
  seconds: number;
  /** Upper edge of the spectrogram. */
  maxHz: number;
  classifications: Classification[];
}

export interface TimedMatch extends Match {
  windowSeconds: number;
  milliseconds: number;
}

/** The model and all that must be done around it, away from the page's thread. */
export interface Engine {
  facts(): EngineFacts;
  /** A sound file of any format that `core/media/audio.ts` decodes → a sound at the model's rate. */
  readSound(file: Uint8Array): Promise<Sound>;
  /** To the model's rate. */
  resample(sound: Sound): Promise<Sound>;
  /** A picture file of any format the browser knows → RGB uint8 `[H, W, 3]` of the model's size. */
  readPicture(file: Blob): Promise<Uint8Array>;
  /** @param sound at the model's rate. */
  hear(sound: Sound): Promise<Heard>;
  see(image: Uint8Array): Promise<Classification[]>;
  match(sound: Sound, image: Uint8Array): Promise<TimedMatch>;
}

export interface OpenEngineOptions {
  /** The server's address, ending with a slash. */
  server: string;
  onProgress: (progress: OpeningProgress) => void;
}

// As the server: longer sounds take long to judge and are no question about one picture.
const maxSeconds = 120;

export async function openEngine({ server, onProgress }: OpenEngineOptions): Promise<Engine> {
  // More threads than four gain nothing for a model as small as this one.
  ort.env.wasm.numThreads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.wasmPaths = { mjs: runtimeScript };
  ort.env.wasm.wasmBinary = await download(runtimeBinary, (bytes) =>
    onProgress({ step: 'Fetching ONNX Runtime', share: Math.min(1, bytes / RUNTIME_BYTES) }),
  );
  onProgress({ step: 'Fetching the model', share: null });
  const name = await defaultModel(server);
  const bundle = await openBundle({ read: (file) => download(`${server}models/${name}/${file}`), runtime: ort });
  const { manifest } = bundle;
  const input = inputOfDigits(manifest);
  onProgress({ step: 'Checking that it computes here what it computed in training', share: null });
  const golden = await expectGolden(bundle, `the model “${name}”`);

  const matcher = createMatcher(bundle);
  const spectrogramOptions = manifest.training.config.model.spectrogram;
  const { sampleRate, samples } = input.audio;
  // Only the side that changed is encoded.
  const encodedSound = rememberLast<Float32Array, EncodedSound>((waveform) => matcher.embedAudio(waveform));
  const encodedPicture = rememberLast<Uint8Array, Encoded>((image) => matcher.embedImage(image));
  return {
    facts: () => ({ manifest, golden, threads: ort.env.wasm.numThreads ?? 1 }),
    async readSound(file) {
      const waveform = await decodeAudio(file, { sampleRate, maxSeconds });
      expectSound(waveform);
      return { waveform, sampleRate };
    },
    resample: async (sound) => ({ waveform: resample(sound.waveform, sound.sampleRate, sampleRate), sampleRate }),
    readPicture: (file) => readPicture(file, input.image),
    async hear({ waveform }) {
      const shown = waveform.length < samples ? centreInWindow(waveform, samples) : waveform;
      const spectrogram = logSpectrogram(shown, spectrogramOptions);
      return {
        spectrogram: paintSpectrogram(spectrogram),
        seconds: spectrogram.seconds,
        maxHz: spectrogram.maxHz,
        classifications: await matcher.classify('audio', await encodedSound(waveform)),
      };
    },
    see: async (image) => matcher.classify('image', await encodedPicture(image)),
    async match({ waveform }, image) {
      const startMs = performance.now();
      const match = await matcher.score(await encodedSound(waveform), await encodedPicture(image));
      return { ...match, windowSeconds: samples / sampleRate, milliseconds: performance.now() - startMs };
    },
  };
}

/** Asked again with the same numbers, gives the same answer without work. */
function rememberLast<Input extends Float32Array | Uint8Array, Output>(
  work: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  let last: { input: Input; output: Promise<Output> } | null = null;
  return (input) => {
    const known = last;
    if (known && known.input.length === input.length && known.input.every((value, i) => value === input[i]))
      return known.output;
    const output = work(input);
    last = { input, output };
    output.catch(() => {
      if (last?.output === output) last = null;
    });
    return output;
  };
}

/** The model that the server answers with too, unless it is asked for another. */
async function defaultModel(server: string): Promise<string> {
  const answer = new TextDecoder().decode(await download(`${server}v1/models`));
  const { models } = parseJson(
    z.object({ models: z.array(z.object({ name: z.string() })).min(1) }),
    answer,
    'v1/models',
  );
  return (models[0] as (typeof models)[0]).name;
}

/** @throws {InputError} for a model that this page cannot show: one that does not match, or not digits. */
function inputOfDigits(manifest: BundleManifest): { audio: AudioInput; image: ImageInput } {
  const { name, input } = manifest;
  const { audio, image } = input;
  const advice = 'Serve one that learned digits, or ask this one over the REST API.';
  if (!audio || !image || !abilitiesOf(manifest).includes('match')) {
    throw new InputError(`${cannot(manifest, 'match').message} ${advice}`);
  }
  if (image.width === digitSize && image.height === digitSize) return { audio, image };
  throw new InputError(
    `This page draws ${digitSize} × ${digitSize} pixels but the model "${name}" takes ${image.width} × ${image.height}. ${advice}`,
  );
}
