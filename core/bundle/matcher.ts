import { type Matrix, rowOf, stackMatrices, takeRows } from '../matrix.ts';
import { heardWindows } from '../media/windows.ts';
import { cannot } from './abilities.ts';
import { type Classifier, classifierGraphName, findGraph } from './graphs.ts';
import { createStrangeness } from './known.ts';
import type { Bundle } from './open.ts';
import { overWindows, sigmoid } from './overWindows.ts';
import { softmaxRows } from './probabilities.ts';

/** What an encoder gives, a row an input. */
export interface Encoded {
  /** `[rows, D]`: what the match head compares. */
  embeddings: Matrix;
  /** `[rows, K]`; null: not asked for. */
  features: Matrix | null;
}

/** A sound, a row a window. */
export interface EncodedSound extends Encoded {
  /** Of each window, in the sound. */
  startSeconds: number[];
}

/** The score of the sound from `startSeconds` on, for as long as the model's window. */
export interface WindowScore {
  startSeconds: number;
  score: number;
}

export interface Match {
  /** P(sound and image belong together) in [0, 1], over all windows (`overWindows.ts`). */
  score: number;
  windows: WindowScore[];
}

export interface ClassProbability {
  label: string;
  probability: number;
}

export interface Classification {
  classifier: string;
  /** Every class, most probable first. */
  classes: ClassProbability[];
}

export interface EncodeOptions {
  /** Whether features are wanted beside embeddings; default: where a classifier of the bundle reads them. */
  features?: boolean | undefined;
}

/**
 * Encode, then judge. Encoding is the work: N sounds × M pictures cost N + M encoder runs, and what was encoded can be kept. Media must be at
 * the model's rate and size already (see `core/media/`).
 */
export interface Matcher {
  /**
   * @param waveform `[samples]` float32 in [-1, 1], mono, at the manifest's rate, any length.
   * @param options.hopSeconds from one window's start to the next; default half a window.
   */
  embedAudio(
    waveform: Float32Array,
    options?: EncodeOptions & { hopSeconds?: number | undefined },
  ): Promise<EncodedSound>;
  /** @param image RGB uint8 `[H, W, 3]` of the manifest's size. */
  embedImage(image: Uint8Array, options?: EncodeOptions): Promise<Encoded>;
  /** Several windows `[N]` float32, or several pictures, a row each. */
  encode(sense: 'audio', inputs: readonly Float32Array[], options?: EncodeOptions): Promise<Encoded>;
  encode(sense: 'image', inputs: readonly Uint8Array[], options?: EncodeOptions): Promise<Encoded>;

  /**
   * How unlike anything learnt it is: the share of the validation split, in [0, 1], that lies nearer to what was trained on; above 0.99 nothing
   * known is like it. Of several rows, the most familiar. null: the bundle does not say.
   */
  strangeness(sense: 'audio' | 'image', encoded: Encoded): number | null;

  score(sound: EncodedSound, picture: Encoded): Promise<Match>;
  /** @returns `[pictures][sounds]`. */
  scoreMatrix(sounds: readonly EncodedSound[], pictures: readonly Encoded[]): Promise<Match[][]>;
  /** @returns P(they belong together) of each row of one matrix with the same row of the other. */
  scoreRows(audio: Matrix, image: Matrix): Promise<Float32Array>;

  /** Every classifier of the bundle that hears, or that sees. Several rows are windows of one sound, or pictures of one thing. */
  classify(sense: 'audio' | 'image', encoded: Encoded): Promise<Classification[]>;
  /**
   * One classifier's probabilities `[classes]` in the order of its labels. Of several rows: the softmax of their mean logits, which is their
   * normalised geometric mean, and of a linear classifier the mean score, as *Look, Listen and Learn* averages them.
   */
  probabilities(classifier: Classifier, encoded: Encoded): Promise<Float32Array>;
}

/** Inputs go through an encoder in batches of this many, so that its memory does not grow with the sound. */
const inputsAtOnce = 16;

/** Pairs of rows that the match head judges at once. */
const pairsAtOnce = 1024;

export function createMatcher({ manifest, run }: Pick<Bundle, 'manifest' | 'run'>): Matcher {
  const columnsOf = (graph: string, output: string) =>
    findGraph(manifest, graph)?.outputs.find(({ name }) => name === output)?.shape[1] ?? 0;

  const { audio, image } = manifest.known ?? {};
  const strangenessOf = { audio: audio && createStrangeness(audio), image: image && createStrangeness(image) };

  /** Where batches are put together: new arrays for each would be most of what a server leaves behind for the collector. */
  const rooms = new Map<'audio' | 'image', Float32Array | Uint8Array>();

  async function encode(
    sense: 'audio' | 'image',
    inputs: readonly (Float32Array | Uint8Array)[],
    options: EncodeOptions = {},
  ): Promise<Encoded> {
    if (!findGraph(manifest, sense)) throw cannot(manifest, `embed-${sense}`);
    const [embedding, feature] = [`${sense}_embedding`, `${sense}_features`] as const;
    const { features = manifest.classifiers.some(({ input }) => input === feature) } = options;
    const name = sense === 'audio' ? 'waveform' : 'image';
    const embeddings: Float32Array[] = [];
    const featureRows: Float32Array[] = [];
    for (let first = 0; first < inputs.length; first += inputsAtOnce) {
      const some = inputs.slice(first, first + inputsAtOnce);
      const room = rooms.get(sense);
      rooms.delete(sense); // until this batch has gone through
      const batch = concatenate(some, room);
      const given = await run(sense, { [name]: batch }, features ? [embedding, feature] : [embedding]);
      const larger = some.length > 1 && batch.length > (room?.length ?? 0) ? batch : room;
      if (larger) rooms.set(sense, larger);
      embeddings.push(given[embedding]);
      if (features) featureRows.push(given[feature]);
    }
    const matrix = (parts: Float32Array[], output: string): Matrix => ({
      data: parts.length === 0 ? new Float32Array() : (concatenate(parts) as Float32Array),
      rows: inputs.length,
      columns: columnsOf(sense, output),
    });
    return { embeddings: matrix(embeddings, embedding), features: features ? matrix(featureRows, feature) : null };
  }

  /** @returns of each row pair, log(P / (1 − P)). */
  async function logOdds(audio: Matrix, image: Matrix): Promise<Float32Array> {
    if (!findGraph(manifest, 'match')) throw cannot(manifest, 'match');
    const { logits } = await run('match', { audio_embedding: audio.data, image_embedding: image.data }, ['logits']);
    return Float32Array.from(
      { length: audio.rows },
      (_, row) => (logits[2 * row + 1] as number) - (logits[2 * row] as number),
    );
  }

  /** The sound's rows, whole, with each picture in turn: `[pictures][windows]`. */
  async function windowLogOdds(sounds: Matrix, pictures: Matrix): Promise<Float32Array> {
    const all = new Float32Array(pictures.rows * sounds.rows);
    for (let first = 0; first < all.length; first += pairsAtOnce) {
      const length = Math.min(pairsAtOnce, all.length - first);
      const pair = (place: number) => first + place;
      const sound = takeRows(
        sounds,
        Array.from({ length }, (_, i) => pair(i) % sounds.rows),
      );
      const picture = takeRows(
        pictures,
        Array.from({ length }, (_, i) => Math.floor(pair(i) / sounds.rows)),
      );
      all.set(await logOdds(sound, picture), first);
    }
    return all;
  }

  function matchOf(startSeconds: readonly number[], odds: Float32Array): Match {
    const windows = startSeconds.map((start, i) => ({ startSeconds: start, score: sigmoid(odds[i] as number) }));
    return { score: sigmoid(overWindows(odds, manifest.matching.windowDiscount)), windows };
  }

  async function scoreMatrix(sounds: readonly EncodedSound[], pictures: readonly Encoded[]): Promise<Match[][]> {
    if (sounds.length === 0 || pictures.length === 0) return pictures.map(() => []);
    const heard = stackMatrices(sounds.map(({ embeddings }) => embeddings));
    const odds = await windowLogOdds(heard, stackMatrices(pictures.map(({ embeddings }) => embeddings)));
    return pictures.map((_, picture) => {
      let end = picture * heard.rows;
      return sounds.map(({ startSeconds }) => {
        end += startSeconds.length;
        return matchOf(startSeconds, odds.subarray(end - startSeconds.length, end));
      });
    });
  }

  async function probabilities(
    { name, input, labels }: Classifier,
    { embeddings, features }: Encoded,
  ): Promise<Float32Array> {
    const rows = input.endsWith('embedding') ? embeddings : features;
    if (!rows) throw new RangeError(`The classifier "${name}" reads ${input}, which was not encoded.`);
    const { logits } = await run(classifierGraphName(name), { [input]: rows.data }, ['logits']);
    const mean = new Float32Array(labels.length);
    const all = { data: logits, rows: rows.rows, columns: labels.length };
    for (let row = 0; row < all.rows; row++) {
      for (const [i, logit] of rowOf(all, row).entries()) mean[i] = (mean[i] as number) + logit / all.rows;
    }
    return softmaxRows({ data: mean, rows: 1, columns: labels.length }).data;
  }

  return {
    async embedAudio(waveform, options = {}) {
      const { audio } = manifest.input;
      if (!audio) throw cannot(manifest, 'embed-audio');
      const windows = heardWindows(waveform, { ...audio, hopSeconds: options.hopSeconds });
      const encoded = await encode(
        'audio',
        windows.map(({ samples }) => samples),
        options,
      );
      return { ...encoded, startSeconds: windows.map(({ startSeconds }) => startSeconds) };
    },
    embedImage: (image, options) => encode('image', [image], options),
    encode,
    strangeness(sense, { embeddings }) {
      const strangeness = strangenessOf[sense];
      if (!strangeness) return null;
      let least = Number.POSITIVE_INFINITY;
      for (let row = 0; row < embeddings.rows; row++) least = Math.min(least, strangeness(rowOf(embeddings, row)));
      return least;
    },
    async score(sound, picture) {
      const [[match]] = (await scoreMatrix([sound], [picture])) as [[Match]];
      return match;
    },
    scoreMatrix,
    async scoreRows(audio, image) {
      const scores = new Float32Array(audio.rows);
      for (let first = 0; first < audio.rows; first += pairsAtOnce) {
        const part = (matrix: Matrix): Matrix => {
          const data = matrix.data.subarray(first * matrix.columns, (first + pairsAtOnce) * matrix.columns);
          return { data, rows: data.length / matrix.columns, columns: matrix.columns };
        };
        scores.set((await logOdds(part(audio), part(image))).map(sigmoid), first);
      }
      return scores;
    },
    async classify(sense, encoded) {
      const results: Classification[] = [];
      for (const classifier of manifest.classifiers.filter(({ input }) => input.startsWith(sense))) {
        const row = await probabilities(classifier, encoded);
        const classes = classifier.labels.map((label, i) => ({ label, probability: row[i] as number }));
        results.push({ classifier: classifier.name, classes: classes.sort((a, b) => b.probability - a.probability) });
      }
      return results;
    },
    probabilities,
  };
}

/** @returns arrays of one kind after one another, in `room` where they fit; of one array, itself. */
export function concatenate(
  parts: readonly (Float32Array | Uint8Array)[],
  room?: Float32Array | Uint8Array,
): Float32Array | Uint8Array {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const make = first instanceof Uint8Array ? Uint8Array : Float32Array;
  const all = room && room.length >= length ? room.subarray(0, length) : new make(length);
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}
