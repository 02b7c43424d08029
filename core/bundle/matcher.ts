import { audioWindows } from '../media/windows.ts';
import { overWindows } from '../metrics.ts';
import { cannot } from './abilities.ts';
import { type Bundle, type Encoded, rowsFor } from './open.ts';

/** The score of the sound from `startSeconds` on, for as long as the model's window. */
export interface WindowScore {
  startSeconds: number;
  score: number;
}

export interface Match {
  /** P(sound and image belong together) in [0, 1]: the highest of the windows', for a sound is often heard in one part only. */
  score: number;
  windows: WindowScore[];
}

export interface ClassProbability {
  label: string;
  probability: number;
}

export interface Classification {
  classifier: string;
  /** Every class, most probable first. Of several windows of sound: their {@link overWindows}. */
  classes: ClassProbability[];
}

/** Answers about media that are at the model's rate and size already (see `core/media/`). */
export interface Matcher {
  /**
   * @param waveform `[samples]` float32 in [-1, 1], mono, at the manifest's rate, any length.
   * @param image RGB uint8 `[H, W, 3]` of the manifest's size.
   * @param hopSeconds from one window's start to the next; default half a window.
   */
  match(input: { waveform: Float32Array; image: Uint8Array; hopSeconds?: number | undefined }): Promise<Match>;
  /** Every classifier of the bundle that hears. */
  classifyAudio(input: { waveform: Float32Array; hopSeconds?: number | undefined }): Promise<Classification[]>;
  /** Every classifier of the bundle that sees. */
  classifyImage(input: { image: Uint8Array }): Promise<Classification[]>;
}

/** A long sound's windows go through the network in batches of this many, so that its memory does not grow with the sound. */
const windowsAtOnce = 16;

export function createMatcher({ manifest, graphs }: Bundle): Matcher {
  const hear = async (waveform: Float32Array, hopSeconds?: number) => {
    const { audio } = manifest.input;
    if (!audio) throw cannot(manifest, 'embed-audio');
    const windows = audioWindows(waveform, { ...audio, hopSeconds });
    const encoded: Encoded = { embeddings: [], features: [] };
    for (let first = 0; first < windows.length; first += windowsAtOnce) {
      const batch = await graphs.audio(windows.slice(first, first + windowsAtOnce).map(({ samples }) => samples));
      encoded.embeddings.push(...batch.embeddings);
      encoded.features.push(...batch.features);
    }
    return { ...encoded, startSeconds: windows.map((window) => window.startSeconds) };
  };

  const classify = async (sense: 'audio' | 'image', encoded: Encoded) => {
    const results: Classification[] = [];
    for (const { name, input, labels } of manifest.classifiers) {
      if (!input.startsWith(sense)) continue;
      const probabilities = overWindows(await graphs.classify(name, rowsFor(input, encoded)));
      const classes = labels.map((label, i) => ({ label, probability: probabilities[i] as number }));
      results.push({ classifier: name, classes: classes.sort((a, b) => b.probability - a.probability) });
    }
    return results;
  };

  return {
    async match({ waveform, image, hopSeconds }) {
      const sound = await hear(waveform, hopSeconds);
      const picture = await graphs.image([image]);
      const scores = await graphs.match(
        sound.embeddings,
        sound.embeddings.map(() => picture.embeddings[0] as Float32Array),
      );
      const windows = sound.startSeconds.map((startSeconds, i) => ({ startSeconds, score: scores[i] as number }));
      return { score: Math.max(...scores), windows };
    },
    async classifyAudio({ waveform, hopSeconds }) {
      return classify('audio', await hear(waveform, hopSeconds));
    },
    async classifyImage({ image }) {
      return classify('image', await graphs.image([image]));
    },
  };
}
