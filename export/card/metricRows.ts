import type { Classifier } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { learntClassifier } from '../bundle/settings.ts';

type Metrics = Record<string, number>;

/** @returns a markdown table of whatever the trainer measured on what it held out: name, value, and what it means. */
export function metricRows(manifest: BundleManifest): string {
  const { metrics } = manifest.variants.fp32;
  const { testFold } = manifest.training;
  const names = Object.keys(metrics).filter((name) => !/(Low|High)$/.test(name));
  if (names.length === 0) return 'Nothing yet: metrics are measured when training finishes.';
  const rows = names.map((name) => {
    const interval = intervalOf(name, metrics);
    const within = interval && ` (95 % interval ${interval.map(format).join('–')})`;
    return `| ${words(name)} | ${format(metrics[name] as number)} | ${meaning(name, manifest)}${within ?? ''} |`;
  });
  const where = testFold === null ? 'the test split' : `fold ${testFold}, held out`;
  const hasIntervals = names.some((name) => intervalOf(name, metrics));
  const method =
    'The intervals are by a studentised bootstrap over sources: what comes of one recording counts as one.';
  return [`| on ${where} | | |`, '| --- | --- | --- |', ...rows, ...(hasIntervals ? ['', method] : [])].join('\n');
}

/** As the trainer gives it. */
function intervalOf(name: string, metrics: Metrics): number[] | undefined {
  const low = metrics[`${name}Low`];
  const high = metrics[`${name}High`];
  return low !== undefined && high !== undefined ? [low, high] : undefined;
}

function meaning(name: string, { classifiers, training }: BundleManifest): string {
  const named = classifiers.find((classifier) => name.startsWith(`${classifier.name}-`));
  const metric = named ? name.slice(named.name.length + 1) : name;
  const classifier = named ?? learntClassifier({ classifiers, config: training.config });
  return (classifier ? ofClasses(metric, classifier) : ofPairs[metric]) ?? '';
}

const ofPairs: Record<string, string> = {
  pairs: 'fixed pairs that training never saw',
  accuracy: 'share judged right, the threshold being 0.5; guessing gives 0.5',
  precision: 'of the pairs judged to match, the share that does',
  recall: 'of the pairs that match, the share judged so',
  f1: 'harmonic mean of precision and recall',
  calibrationError: 'how far a score is from how often it is right, on average',
  pictureTop1:
    'of one sound and ten pictures of different categories, how often its own scores highest; guessing gives 0.1',
  soundTop1: 'the same of one picture and ten sounds',
  rocAuc: 'chance that a matching pair scores above a mismatched one; guessing gives 0.5',
};

function ofClasses(metric: string, { name, input, labels }: Classifier): string | undefined {
  const things = input.startsWith('audio') ? 'sounds' : 'images';
  const meanings: Record<string, string> = {
    items: `${things} that training never saw`,
    accuracy: `share of ${things} that the classifier \`${name}\` names right; guessing gives ${format(1 / labels.length)}`,
    macroPrecision: `of the ${things} given a class, the share that is of it; mean over the classes`,
    macroRecall: `of the ${things} of a class, the share given it; mean over the classes`,
    macroF1: 'harmonic mean of precision and recall; mean over the classes',
    calibrationError: 'how far the chosen class’s probability is from how often it is right, on average',
    rocAuc:
      'chance that one of a class is given more probability for it than one of another class; mean over the classes; guessing gives 0.5',
  };
  return meanings[metric];
}

function format(value: number): string {
  return Number.isInteger(value) && value > 1 ? value.toLocaleString('en-US') : String(Number(value.toFixed(4)));
}

/** `rocAuc` → `roc auc`, `spoken-digit-accuracy` → `spoken digit accuracy`. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll(/[-_]/g, ' ');
}
