import { cannot } from '#core/bundle/abilities.ts';
import { createMatcher, type Encoded, type Matcher } from '#core/bundle/matcher.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { heardWindows } from '#core/media/windows.ts';
import type { Windowed } from './protocol.ts';

/** A bundle's {@link Matcher} for a sound that several workers may share, window by window. */
export interface Encoder extends Pick<Matcher, 'scoreMatrix' | 'scoreRows' | 'classify' | 'strangeness'> {
  /** A short sound in the middle of silence, a long one as it is, and where its windows start. */
  window(waveform: Float32Array, hopSeconds: number | undefined): Windowed;
  /** Windows `[N]` of any sounds, in one batch. @returns a row each. */
  windows(windows: Float32Array[], options: { features: boolean }): Promise<Encoded>;
  /** @returns a row each. */
  images(pixels: Uint8Array[], options: { features: boolean }): Promise<Encoded>;
  /** Samples in a window, and in a second. */
  readonly windowSamples: number;
  readonly sampleRate: number;
}

export function createEncoder(bundle: Bundle, { maxWindows }: { maxWindows: number }): Encoder {
  const { manifest } = bundle;
  const matcher = createMatcher(bundle);
  const audioInput = () => {
    if (!manifest.input.audio) throw cannot(manifest, 'embed-audio');
    return manifest.input.audio;
  };
  // Of what no classifier reads nothing is copied.
  const wanted = ({ features }: { features: boolean }) => (features ? {} : { features: false });
  return {
    window(waveform, hopSeconds) {
      const { sampleRate, samples } = audioInput();
      const windows = heardWindows(waveform, { sampleRate, samples, hopSeconds });
      if (windows.length > maxWindows) {
        throw new InputError(
          `Expected at most ${maxWindows} windows but this hopSeconds cuts the sound into ${windows.length}. Take a longer one.`,
          'too_large',
        );
      }
      const startSeconds = windows.map((window) => window.startSeconds);
      if (windows.length === 1) return { waveform: windows[0]?.samples as Float32Array, starts: [0], startSeconds };
      return { waveform, starts: startSeconds.map((seconds) => Math.round(seconds * sampleRate)), startSeconds };
    },
    windows: (windows, options) => matcher.encode('audio', windows, wanted(options)),
    images: (pixels, options) => matcher.encode('image', pixels, wanted(options)),
    windowSamples: manifest.input.audio?.samples ?? 0,
    sampleRate: manifest.input.audio?.sampleRate ?? 1,
    scoreRows: matcher.scoreRows,
    scoreMatrix: matcher.scoreMatrix,
    classify: matcher.classify,
    strangeness: matcher.strangeness,
  };
}
