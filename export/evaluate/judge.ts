import type { Classifier } from '#core/bundle/manifest.ts';
import { type Bundle, type BundleGraphs, type Encoded, rowsFor } from '#core/bundle/open.ts';
import { type ClassificationMetrics, classificationMetrics, type JudgedPair, overWindows } from '#core/metrics.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { encodeItems } from './encodeItems.ts';
import type { Item, Labelled, LabelledItem, TestSet } from './testSet.ts';

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

/** Judges each classifier whose labels are those of the test set, in whatever order. @returns by the classifiers' names. */
export async function judgeClassifiers(
  { graphs, manifest }: Bundle,
  { sounds, pictures }: TestSet,
  progress: ProgressOutput,
): Promise<Record<string, ClassificationMetrics>> {
  const judged: Record<string, ClassificationMetrics> = {};
  for (const classifier of manifest.classifiers) {
    const { name, input } = classifier;
    const means = { classifier, classify: graphs.classify, progress };
    if (input.startsWith('audio') && isFor(classifier, sounds)) {
      judged[name] = await judgeClassifier(sounds.items, { ...means, encode: graphs.audio });
    } else if (input.startsWith('image') && isFor(classifier, pictures)) {
      judged[name] = await judgeClassifier(pictures.items, { ...means, encode: graphs.image });
    }
  }
  return judged;
}

function isFor(classifier: Classifier, { labels, items }: Labelled<unknown>): boolean {
  const isSame = classifier.labels.length === labels.length && labels.every((l) => classifier.labels.includes(l));
  return isSame && items.length > 0;
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
