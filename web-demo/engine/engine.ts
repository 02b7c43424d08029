import runtimeScript from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import runtimeBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as ort from 'onnxruntime-web/wasm';
import { type GoldenReport, replayGolden } from '#core/bundle/golden.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { type Classification, createMatcher, type Match } from '#core/bundle/matcher.ts';
import { openBundle } from '#core/bundle/open.ts';
import { decodeAudio, resample } from '#core/media/audio.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { logSpectrogram, type Spectrogram, spectrogramOptionsOf } from '../sound/spectrogram.ts';
import { download } from './download.ts';
import { readPicture } from './read-picture.ts';

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
  spectrogram: Spectrogram;
  classifications: Classification[];
}

export interface TimedMatch extends Match {
  milliseconds: number;
}

/** The model and all that must be done around it, away from the page's thread. Waveforms are mono, at the model's rate. */
export interface Engine {
  facts(): EngineFacts;
  /** A sound file of any format decoded here → `[samples]` float32. */
  readSound(file: Uint8Array): Promise<Float32Array>;
  resampleSound(waveform: Float32Array, sampleRate: number): Promise<Float32Array>;
  /** A picture file of any format the browser knows → RGB uint8 `[H, W, 3]` of the model's size. */
  readPicture(file: Blob): Promise<Uint8Array>;
  hear(waveform: Float32Array): Promise<Heard>;
  see(image: Uint8Array): Promise<Classification[]>;
  match(waveform: Float32Array, image: Uint8Array): Promise<TimedMatch>;
}

export interface OpenEngineOptions {
  /** Address of the bundle's folder, ending with a slash. */
  bundleUrl: string;
  onProgress: (progress: OpeningProgress) => void;
}

export async function openEngine({ bundleUrl, onProgress }: OpenEngineOptions): Promise<Engine> {
  // More threads than four gain nothing for a model as small as this one.
  ort.env.wasm.numThreads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.wasmPaths = { mjs: runtimeScript };
  ort.env.wasm.wasmBinary = await download(runtimeBinary, (bytes) =>
    onProgress({ step: 'Fetching ONNX Runtime', share: Math.min(1, bytes / RUNTIME_BYTES) }),
  );
  onProgress({ step: 'Fetching the model', share: null });
  const bundle = await openBundle({ read: (file) => download(new URL(file, bundleUrl).href), runtime: ort });
  const { manifest } = bundle;
  onProgress({ step: 'Checking that it computes here what it computed in training', share: null });
  const golden = await replayGolden(bundle);

  const matcher = createMatcher(bundle);
  const spectrogramOptions = spectrogramOptionsOf(manifest);
  const { sampleRate, samples } = manifest.input.audio;
  return {
    facts: () => ({ manifest, golden, threads: ort.env.wasm.numThreads ?? 1 }),
    readSound: (file) => decodeAudio(file, { sampleRate }),
    resampleSound: (waveform, fromRate) => resample(waveform, fromRate, sampleRate),
    readPicture: (file) => readPicture(file, manifest.input.image),
    async hear(waveform) {
      const shown = waveform.length < samples ? centreInWindow(waveform, samples) : waveform;
      return {
        spectrogram: logSpectrogram(shown, spectrogramOptions),
        classifications: await matcher.classifyAudio({ waveform }),
      };
    },
    see: (image) => matcher.classifyImage({ image }),
    async match(waveform, image) {
      const startMs = performance.now();
      const match = await matcher.match({ waveform, image });
      return { ...match, milliseconds: performance.now() - startMs };
    },
  };
}
