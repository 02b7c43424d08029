import type { Classifier } from '#core/bundle/manifest.ts';
import { type Bundle, type BundleGraphs, type Encoded, rowsFor } from '#core/bundle/open.ts';
import { type ClassificationMetrics, classificationMetrics, type JudgedPair, overWindows } from '#core/metrics.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { encodeItems } from './encodeItems.ts';
import type { Item, LabelledItem, TestSet } from './testSet.ts';

/** Pairs that are scored at once. */
const pairsAtOnce = 1024;

/** Scores every pair; each sound and each picture is encoded once. */
export async function judgePairs(
  { graphs }: Bundle,
  { sounds, pictures, list }: TestSet['pairs'],
  progress: ProgressOutput,
): Promise<JudgedPair[]> {
  const heard = await embed(sounds, { label: 'sounds of pairs', encode: graphs.audio, progress });
  const seen = await embed(pictures, { label: 'pictures of pairs', encode: graphs.image, progress });
  const judged: JudgedPair[] = [];
  for (let first = 0; first < list.length; first += pairsAtOnce) {
    const pairs = list.slice(first, first + pairsAtOnce);
    const scores = await graphs.match(
      pairs.map(({ sound }) => heard[sound] as Float32Array),
      pairs.map(({ picture }) => seen[picture] as Float32Array),
    );
    judged.push(...pairs.map(({ corresponds }, i) => ({ score: scores[i] as number, corresponds })));
  }
  return judged;
}

/** Judges each classifier whose labels are the test set's, in whatever order. @returns by the classifiers' names. */
export async function judgeClassifiers(
  { graphs, manifest }: Bundle,
  { labels, sounds, pictures }: TestSet,
  progress: ProgressOutput,
): Promise<Record<string, ClassificationMetrics>> {
  const isFitting = (classifier: Classifier) =>
    classifier.labels.length === labels.length && labels.every((label) => classifier.labels.includes(label));
  const judged: Record<string, ClassificationMetrics> = {};
  for (const classifier of manifest.classifiers.filter(isFitting)) {
    const means = { classifier, classify: graphs.classify, progress };
    if (classifier.input.startsWith('audio') && sounds.length > 0) {
      judged[classifier.name] = await judgeClassifier(sounds, { ...means, encode: graphs.audio });
    } else if (classifier.input.startsWith('image') && pictures.length > 0) {
      judged[classifier.name] = await judgeClassifier(pictures, { ...means, encode: graphs.image });
    }
  }
  return judged;
}

type Encode<Input> = (inputs: Input[]) => Promise<Encoded>;

/** @returns `[D]` of each item. */
async function embed<Input>(
  items: readonly Item<Input>[],
  { label, encode, progress }: { label: string; encode: Encode<Input>; progress: ProgressOutput },
): Promise<Float32Array[]> {
  const embeddings: Float32Array[] = [];
  const bar = startProgress({ label, total: items.length, output: progress });
  for await (const encoded of encodeItems(items, encode)) {
    embeddings.push(encoded.embeddings[0] as Float32Array);
    bar.update(embeddings.length);
  }
  bar.end();
  return embeddings;
}

interface ClassifyMeans<Input> {
  classifier: Classifier;
  classify: BundleGraphs['classify'];
  encode: Encode<Input>;
  progress: ProgressOutput;
}

async function judgeClassifier<Input>(
  items: readonly LabelledItem<Input>[],
  { classifier, classify, encode, progress }: ClassifyMeans<Input>,
): Promise<ClassificationMetrics> {
  const { name, input, labels } = classifier;
  const probabilities: Float32Array[] = [];
  const bar = startProgress({ label: `classified by ${name}:`, total: items.length, output: progress });
  for await (const encoded of encodeItems(items, encode)) {
    probabilities.push(overWindows(await classify(name, rowsFor(input, encoded))));
    bar.update(probabilities.length);
  }
  bar.end();
  const classes = items.map(({ label }) => labels.indexOf(label));
  return classificationMetrics(probabilities, classes);
}
