import type { Classifier } from '#core/bundle/graphs.ts';
import type { Encoded, Matcher } from '#core/bundle/matcher.ts';
import { type Matrix, stackMatrices, takeRows } from '#core/matrix.ts';
import type { ClassifiedItem, JudgedPair } from '#core/metrics.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { encodeItems } from './encodeItems.ts';
import type { Item, Labelled, LabelledItem, TestSet } from './testSet.ts';

/** A row of each sound, and of each picture, that pairs are made of. */
export interface EncodedPairs {
  heard: Matrix;
  seen: Matrix;
}

/** Encodes each sound and each picture once. */
export async function encodePairs(
  matcher: Matcher,
  { sounds, pictures }: Pick<TestSet['pairs'], 'sounds' | 'pictures'>,
  progress: ProgressOutput,
): Promise<EncodedPairs> {
  const encodeAudio = (windows: Float32Array[]) => matcher.encode('audio', windows, { features: false });
  const encodeImage = (images: Uint8Array[]) => matcher.encode('image', images, { features: false });
  return {
    heard: await embed(sounds, { label: 'sounds of pairs', encode: encodeAudio, progress }),
    seen: await embed(pictures, { label: 'pictures of pairs', encode: encodeImage, progress }),
  };
}

/** @returns the score of each pair of rows. */
export async function scorePairs(
  matcher: Matcher,
  { heard, seen }: EncodedPairs,
  pairs: readonly { sound: number; picture: number }[],
): Promise<Float32Array> {
  const scores = new Float32Array(pairs.length);
  for (let first = 0; first < pairs.length; first += pairsAtOnce) {
    const some = pairs.slice(first, first + pairsAtOnce);
    const sounds = takeRows(
      heard,
      some.map(({ sound }) => sound),
    );
    const pictures = takeRows(
      seen,
      some.map(({ picture }) => picture),
    );
    scores.set(await matcher.scoreRows(sounds, pictures), first);
  }
  return scores;
}

/** Scores every pair of the list. */
export async function judgePairs(
  matcher: Matcher,
  { sounds, pictures, list }: TestSet['pairs'],
  encoded: EncodedPairs,
): Promise<JudgedPair[]> {
  const scores = await scorePairs(matcher, encoded, list);
  return list.map(({ sound, picture, corresponds }, i) => ({
    score: scores[i] as number,
    corresponds,
    sources: [sounds[sound]?.source as string, pictures[picture]?.source as string],
  }));
}

/** Pairs whose rows are held at once. */
const pairsAtOnce = 1024;

/** What a classifier gave, and what it should have. */
export interface Classified {
  probabilities: Float32Array[];
  items: ClassifiedItem[];
  /** By an item's category. */
  labels: string[];
}

/** Asks each classifier whose labels are those of the test set, in whatever order. @returns by the classifiers' names. */
export async function askClassifiers(
  matcher: Matcher,
  classifiers: Classifier[],
  { sounds, pictures }: TestSet,
  progress: ProgressOutput,
): Promise<Record<string, Classified>> {
  const judged: Record<string, Classified> = {};
  for (const classifier of classifiers) {
    const { name, input } = classifier;
    const options = { features: input.endsWith('features') };
    const shared = { classifier, matcher, progress };
    if (input.startsWith('audio') && isFor(classifier, sounds)) {
      judged[name] = await askClassifier(sounds.items, {
        ...shared,
        encode: (windows) => matcher.encode('audio', windows, options),
      });
    } else if (input.startsWith('image') && isFor(classifier, pictures)) {
      judged[name] = await askClassifier(pictures.items, {
        ...shared,
        encode: (images) => matcher.encode('image', images, options),
      });
    }
  }
  return judged;
}

function isFor(classifier: Classifier, { labels, items }: Labelled<unknown>): boolean {
  const isSame = classifier.labels.length === labels.length && labels.every((l) => classifier.labels.includes(l));
  return isSame && items.length > 0;
}

type Encode<Input> = (inputs: Input[]) => Promise<Encoded>;

/** @returns a row of each item, `[items, D]`. */
async function embed<Input>(
  items: readonly Item<Input>[],
  { label, encode, progress }: { label: string; encode: Encode<Input>; progress: ProgressOutput },
): Promise<Matrix> {
  const embeddings: Matrix[] = [];
  const bar = startProgress({ label, total: items.length, output: progress });
  for await (const encoded of encodeItems(items, encode)) {
    embeddings.push(encoded.embeddings);
    bar.update(embeddings.length);
  }
  bar.end();
  return stackMatrices(embeddings);
}

interface JudgeOptions<Input> {
  classifier: Classifier;
  matcher: Matcher;
  encode: Encode<Input>;
  progress: ProgressOutput;
}

async function askClassifier<Input>(
  items: readonly LabelledItem<Input>[],
  { classifier, matcher, encode, progress }: JudgeOptions<Input>,
): Promise<Classified> {
  const { name, labels } = classifier;
  const probabilities: Float32Array[] = [];
  const bar = startProgress({ label: `classified by ${name}:`, total: items.length, output: progress });
  for await (const encoded of encodeItems(items, encode)) {
    probabilities.push(await matcher.probabilities(classifier, encoded));
    bar.update(probabilities.length);
  }
  bar.end();
  return {
    probabilities,
    labels,
    items: items.map(({ label, source }) => ({ category: labels.indexOf(label), source })),
  };
}
