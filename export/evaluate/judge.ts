import type { Classifier } from '#core/bundle/graphs.ts';
import type { Encoded, Matcher } from '#core/bundle/matcher.ts';
import { type Matrix, stackMatrices, takeRows } from '#core/matrix.ts';
import { type ClassificationMetrics, classificationMetrics, type JudgedPair } from '#core/metrics.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { encodeItems } from './encodeItems.ts';
import type { Item, Labelled, LabelledItem, TestSet } from './testSet.ts';

/** Scores every pair; each sound and each picture is encoded once. */
export async function judgePairs(
  matcher: Matcher,
  { sounds, pictures, list }: TestSet['pairs'],
  progress: ProgressOutput,
): Promise<JudgedPair[]> {
  const encodeAudio = (windows: Float32Array[]) => matcher.encode('audio', windows, { features: false });
  const encodeImage = (images: Uint8Array[]) => matcher.encode('image', images, { features: false });
  const heard = await embed(sounds, { label: 'sounds of pairs', encode: encodeAudio, progress });
  const seen = await embed(pictures, { label: 'pictures of pairs', encode: encodeImage, progress });
  const judged: JudgedPair[] = [];
  for (let first = 0; first < list.length; first += pairsAtOnce) {
    const pairs = list.slice(first, first + pairsAtOnce);
    const scores = await matcher.scoreRows(
      takeRows(
        heard,
        pairs.map(({ sound }) => sound),
      ),
      takeRows(
        seen,
        pairs.map(({ picture }) => picture),
      ),
    );
    judged.push(
      ...pairs.map(
        ({ sound, picture, corresponds }, i): JudgedPair => ({
          score: scores[i] as number,
          corresponds,
          sources: [sounds[sound]?.source as string, pictures[picture]?.source as string],
        }),
      ),
    );
  }
  return judged;
}

/** Pairs whose rows are held at once. */
const pairsAtOnce = 1024;

/** Judges each classifier whose labels are those of the test set, in whatever order. @returns by the classifiers' names. */
export async function judgeClassifiers(
  matcher: Matcher,
  classifiers: Classifier[],
  { sounds, pictures }: TestSet,
  progress: ProgressOutput,
): Promise<Record<string, ClassificationMetrics>> {
  const judged: Record<string, ClassificationMetrics> = {};
  for (const classifier of classifiers) {
    const { name, input } = classifier;
    const options = { features: input.endsWith('features') };
    const shared = { classifier, matcher, progress };
    if (input.startsWith('audio') && isFor(classifier, sounds)) {
      judged[name] = await judgeClassifier(sounds.items, {
        ...shared,
        encode: (windows) => matcher.encode('audio', windows, options),
      });
    } else if (input.startsWith('image') && isFor(classifier, pictures)) {
      judged[name] = await judgeClassifier(pictures.items, {
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

async function judgeClassifier<Input>(
  items: readonly LabelledItem<Input>[],
  { classifier, matcher, encode, progress }: JudgeOptions<Input>,
): Promise<ClassificationMetrics> {
  const { name, labels } = classifier;
  const probabilities: Float32Array[] = [];
  const bar = startProgress({ label: `classified by ${name}:`, total: items.length, output: progress });
  for await (const encoded of encodeItems(items, encode)) {
    probabilities.push(await matcher.probabilities(classifier, encoded));
    bar.update(probabilities.length);
  }
  bar.end();
  const classified = items.map(({ label, source }) => ({ category: labels.indexOf(label), source }));
  return classificationMetrics(probabilities, classified);
}
