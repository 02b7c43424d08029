import type { CheckpointState } from '#core/checkpoint.ts';
import type { IndexLine, PreparedDataset, Split } from '#core/datasets/prepared.ts';
import { readIndex, readInfo } from '#core/datasets/readDataset.ts';
import { InputError } from '#core/errors.ts';
import { nameSchema } from '#core/fileName.ts';
import { datasetFiles, shardPaths } from '#node/datasets/preparedSplit.ts';
import { datasetRecord } from '../run/datasetRecord.ts';

/** What a classifier hears or sees, by the branch that encodes it. */
export type Sense = 'audio' | 'image';

export interface Example {
  line: IndexLine;
  /** Position in the labels. */
  category: number;
}

/** What is learnt from. */
export interface ShownExample {
  line: IndexLine;
  /** null: not told. */
  category: number | null;
}

/** A prepared dataset's sounds, or its pictures, each of one category. */
export interface LabelledDataset {
  info: PreparedDataset;
  /** What a checkpoint says of it. */
  record: CheckpointState['dataset'];
  /** After the dataset, of letters that a file's name may have. */
  classifierName: string;
  /** Paths of the tar files, by number. */
  shards: string[];
  sense: Sense;
  /** The categories that occur, in the dataset's order. */
  labels: string[];
  train: Example[];
  /** Empty: nothing chooses. */
  validation: Example[];
  test: Example[];
}

export interface LabelledDatasetOptions {
  folder: string;
  /** null: the dataset's own split. */
  testFold: number | null;
  /** null: with a `testFold`, all other folds are trained on. */
  validationFold: number | null;
  /** null: what the dataset has. */
  sense: Sense | null;
}

/** @throws {InputError} for clips without a category, or with several; one category alone; folds that are not there; a split without examples. */
export async function openLabelledDataset(options: LabelledDatasetOptions): Promise<LabelledDataset> {
  const files = datasetFiles(options.folder);
  const info = await readInfo(files);
  const bySplits: Record<Split, IndexLine[]> = { train: [], validation: [], test: [] };
  for await (const line of readIndex(files)) bySplits[line.clip.split].push(line);
  const all = Object.values(bySplits).flat();
  const sense = options.sense ?? onlySense(all, options.folder);
  const lines = all.filter(({ clip }) => (sense === 'audio' ? clip.sound : clip.pictures.length > 0));
  if (lines.length === 0) {
    const [wanted, other] = { audio: ['sounds', 'pictures'], image: ['pictures', 'sounds'] }[sense] as [string, string];
    throw new InputError(`Expected ${wanted} in ${options.folder} for branch=${sense} but it has only ${other}.`);
  }
  checkCategories(lines, info);
  const occurring = new Set(lines.flatMap(({ clip }) => clip.categories));
  const labels = info.categories.filter((category) => occurring.has(category));
  if (labels.length === 1) {
    throw new InputError(
      `Expected two categories or more to tell apart in ${info.name} but all that it has is of one: ${labels[0]}.`,
    );
  }
  const examples = lines.map((line) => ({ line, category: labels.indexOf(line.clip.categories[0] as string) }));
  const parts = options.testFold === null ? bySplit(examples, options) : byFold(examples, options);
  for (const name of ['train', 'test'] as const) {
    if (parts[name].length > 0) continue;
    throw new InputError(
      `Expected ${sense === 'audio' ? 'sounds' : 'pictures'} to ${name} with in ${info.name}: none.`,
    );
  }
  return {
    info,
    record: datasetRecord(info, options.testFold),
    classifierName: classifierNameOf(info.name),
    shards: shardPaths(options.folder, info),
    sense,
    labels,
    ...parts,
  };
}

type Parts = Pick<LabelledDataset, 'train' | 'validation' | 'test'>;

function bySplit(examples: Example[], { validationFold }: LabelledDatasetOptions): Parts {
  if (validationFold !== null) {
    throw new InputError(`Expected a testFold beside validationFold ${validationFold}: --set data.testFold=1`);
  }
  const of = (split: keyof Parts) => examples.filter(({ line }) => line.clip.split === split);
  const [train, validation, test] = [of('train'), of('validation'), of('test')];
  // A collection of two parts, as photos of train and val are: what is held out judges, and chooses nothing.
  return test.length > 0 ? { train, validation, test } : { train, validation: [], test: validation };
}

/** What has no fold is in the split that it has, as `clapper evaluate` judges it. */
function byFold(examples: Example[], { testFold, validationFold, folder }: LabelledDatasetOptions): Parts {
  const folds = [...new Set(examples.map(({ line }) => line.clip.fold))]
    .filter((fold) => fold !== null)
    .sort((a, b) => a - b);
  for (const fold of [testFold, validationFold]) {
    if (fold === null || folds.includes(fold)) continue;
    const known = folds.length > 0 ? `the folds ${folds.join(', ')}` : 'no folds';
    throw new InputError(`There is no fold ${fold}: ${folder} has ${known}.`);
  }
  if (testFold === validationFold) {
    throw new InputError(`Fold ${testFold} cannot both choose and test: name another --set data.validationFold.`);
  }
  const isIn = ({ line: { clip } }: Example, fold: number | null, split: Split) =>
    fold !== null && (clip.fold === null ? clip.split === split : clip.fold === fold);
  const isTest = (example: Example) => isIn(example, testFold, 'test');
  const isValidation = (example: Example) => isIn(example, validationFold, 'validation');
  return {
    train: examples.filter((example) => !isTest(example) && !isValidation(example)),
    validation: examples.filter(isValidation),
    test: examples.filter(isTest),
  };
}

function onlySense(lines: IndexLine[], folder: string): Sense {
  const hears = lines.some(({ sound }) => sound);
  const sees = lines.some(({ pictures }) => pictures.length > 0);
  if (hears && sees) {
    throw new InputError(`${folder} has sounds and pictures: say which with --set branch=audio or --set branch=image.`);
  }
  return hears ? 'audio' : 'image';
}

function checkCategories(lines: IndexLine[], { name }: PreparedDataset): void {
  const bad = lines.filter(({ clip }) => clip.categories.length !== 1);
  const [first] = bad;
  if (!first) return;
  const { key, categories } = first.clip;
  throw new InputError(
    `Expected one category for each clip of ${name} but ${bad.length} of ${lines.length} have none or several: ` +
      `${key} has ${categories.length > 0 ? categories.join(', ') : 'none'}.`,
  );
}

/** A dataset may be called anything; a classifier's name becomes a file's. */
function classifierNameOf(dataset: string): string {
  const name = dataset.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '');
  return nameSchema.safeParse(name).success ? name : 'classes';
}
