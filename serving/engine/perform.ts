import type { EncodedSound, Match } from '#core/bundle/matcher.ts';
import { strangeAbove } from '#core/bundle/strange.ts';
import { InputError } from '#core/errors.ts';
import { type Matrix, stackMatrices } from '#core/matrix.ts';
import { giveBack } from '#core/media/mix.ts';
import type { LoadedBundle } from './loadBundle.ts';
import { notesOf } from './notes.ts';
import type {
  DecodedSound,
  GraphTask,
  Item,
  MediaResult,
  MediaTask,
  Noted,
  Result,
  Rows,
  Task,
  Timings,
  Windowed,
} from './protocol.ts';

/**
 * What a worker does with the tasks of one message: decodes each file, runs the pictures and the windows of all through the
 * networks in one batch, then judges question by question.
 *
 * @returns of each task its result, or why there is none.
 */
export async function performAll(
  tasks: Task[],
  bundles: ReadonlyMap<string, LoadedBundle>,
): Promise<(Result | Error)[]> {
  const outcomes = new Map<Task, Result | Error>();
  const media = new Map<string, MediaTask[]>();
  for (const task of tasks) {
    if (task.task === 'graph') outcomes.set(task, await caught(() => performGraph(loadedOf(bundles, task), task)));
    else {
      const group = groupOf(task);
      const others = media.get(group);
      if (others) others.push(task);
      else media.set(group, [task]);
    }
  }
  for (const group of media.values()) {
    const results = await caught(() => performMedia(loadedOf(bundles, group[0] as MediaTask), group));
    for (const [i, task] of group.entries()) {
      outcomes.set(task, results instanceof Error ? results : (results[i] as Result | Error));
    }
  }
  return tasks.map((task) => outcomes.get(task) as Result | Error);
}

/** What goes through the same graphs for the same outputs. */
function groupOf({ bundle, features }: MediaTask): string {
  return `${bundle} ${features}`;
}

function loadedOf(bundles: ReadonlyMap<string, LoadedBundle>, { bundle }: Task): LoadedBundle {
  const loaded = bundles.get(bundle);
  if (!loaded) throw new Error(`This worker has no bundle ${bundle}.`);
  return loaded;
}

async function caught<T>(work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** An item as far as it came. */
type Part = Rows | DecodedSound | { pixels: Uint8Array } | ToEncode;
type ToEncode = Noted & { toEncode: Pick<Windowed, 'waveform' | 'starts'> };

async function performMedia(loaded: LoadedBundle, tasks: MediaTask[]): Promise<(MediaResult | Error)[]> {
  const opened: (OpenedTask | Error)[] = [];
  for (const task of tasks) opened.push(await caught(() => open(loaded, task)));
  const whole = opened.filter((task): task is OpenedTask => !(task instanceof Error));
  const startMs = performance.now();
  await encodeAll(loaded, whole);
  // Of what ran together, each task has its share.
  const sharedMs = (performance.now() - startMs) / Math.max(1, whole.length);
  for (const { timings } of whole) timings.infer += sharedMs;
  const scores = await scoreSingles(loaded, whole);
  const results: (MediaResult | Error)[] = [];
  for (const task of opened)
    results.push(task instanceof Error ? task : await caught(() => judge(loaded, task, scores)));
  return results;
}

interface OpenedTask {
  task: MediaTask;
  parts: Part[];
  timings: Timings;
}

async function open(loaded: LoadedBundle, task: MediaTask): Promise<OpenedTask> {
  const startMs = performance.now();
  const parts: Part[] = [];
  for (const item of task.items) parts.push(await named(item, () => decode(loaded, item, task.budgetMs)));
  return { task, parts, timings: { decode: performance.now() - startMs, infer: 0 } };
}

async function decode({ media, encoder, costs }: LoadedBundle, item: Item, budgetMs: number): Promise<Part> {
  const { kind, from, hopSeconds } = item;
  if ('encoded' in from) return from.encoded;
  if ('waveform' in from) return { toEncode: from, notes: [] };
  if (kind === 'image') return { pixels: await media.image(from.file) };
  const notes: string[] = [];
  const waveform = await media.audio(from.file, (note) => notes.push(note));
  const sound = encoder.window(waveform, hopSeconds);
  if (sound.waveform.buffer !== waveform.buffer) giveBack(waveform);
  const isForOthers = sound.starts.length > 1 && sound.starts.length * costs.windowMs > budgetMs;
  return isForOthers ? { ...sound, notes } : { toEncode: sound, notes };
}

/** The networks, once, for the items of all tasks. */
async function encodeAll({ encoder }: LoadedBundle, tasks: OpenedTask[]): Promise<void> {
  const { windowSamples, sampleRate } = encoder;
  const pixels: Uint8Array[] = [];
  const windows: Float32Array[] = [];
  for (const { parts } of tasks) {
    for (const part of parts) {
      if ('pixels' in part) pixels.push(part.pixels);
      if ('toEncode' in part) {
        const { waveform, starts } = part.toEncode;
        for (const start of starts) windows.push(waveform.subarray(start, start + windowSamples));
      }
    }
  }
  const options = { features: tasks[0]?.task.features ?? false };
  const seen = pixels.length > 0 ? await encoder.images(pixels, options) : null;
  const heard = windows.length > 0 ? await encoder.windows(windows, options) : null;
  const next = { pixels: 0, windows: 0 };
  for (const { parts } of tasks) {
    for (const [i, part] of parts.entries()) {
      if (seen && 'pixels' in part) {
        const { embeddings, features } = rowsAt(seen, next.pixels, 1);
        parts[i] = { embeddings, features, startSeconds: [], notes: [] };
        next.pixels++;
      } else if (heard && 'toEncode' in part) {
        const { toEncode, notes } = part;
        const { starts } = toEncode;
        const startSeconds = starts.map((start) => start / sampleRate);
        const { embeddings, features } = rowsAt(heard, next.windows, starts.length);
        parts[i] = { embeddings, features, startSeconds, notes };
        next.windows += starts.length;
      }
    }
  }
}

function rowsAt({ embeddings, features }: Pick<Rows, 'embeddings' | 'features'>, first: number, count: number) {
  const part = ({ data, rows, columns }: Matrix): Matrix =>
    rows === count
      ? { data, rows, columns }
      : { data: data.subarray(first * columns, (first + count) * columns), rows: count, columns };
  return { embeddings: part(embeddings), features: features && part(features) };
}

/** One picture and one window is the common question: the match head answers all of a batch at once. */
async function scoreSingles({ encoder }: LoadedBundle, tasks: OpenedTask[]): Promise<Map<OpenedTask, Match[][]>> {
  const singles = tasks.filter(({ task, parts }) => task.judgement === 'score' && isSingle(parts));
  if (singles.length < 2) return new Map();
  const startMs = performance.now();
  const rows = (place: 0 | 1) => stackMatrices(singles.map(({ parts }) => (parts[place] as Rows).embeddings));
  const scores = await encoder.scoreRows(rows(1), rows(0));
  const sharedMs = (performance.now() - startMs) / singles.length;
  return new Map(
    singles.map((single, i) => {
      const [score, [startSeconds = 0]] = [scores[i] as number, (single.parts[1] as EncodedSound).startSeconds];
      single.timings.infer += sharedMs;
      return [single, [[{ score, windows: [{ startSeconds, score }] }]]];
    }),
  );
}

function isSingle([picture, sound, ...others]: Part[]): boolean {
  if (others.length > 0 || !picture || !sound || !('embeddings' in picture) || !('embeddings' in sound)) return false;
  return picture.startSeconds.length === 0 && sound.startSeconds.length === 1;
}

async function judge(
  { encoder }: LoadedBundle,
  opened: OpenedTask,
  scores: Map<OpenedTask, Match[][]>,
): Promise<MediaResult> {
  const { task, parts, timings } = opened;
  const items = parts as (Rows | DecodedSound)[];
  const result: MediaResult = { task: 'media', items, scores: null, classifications: null, notes: [], timings };
  if (items.some((item) => !('embeddings' in item))) return result;
  const startMs = performance.now();
  const rows = items as Rows[];
  const ofKind = (kind: Item['kind']) => rows.filter((_, i) => task.items[i]?.kind === kind);
  if (task.judgement === 'score') {
    result.scores = scores.get(opened) ?? (await encoder.scoreMatrix(ofKind('audio'), ofKind('image')));
  }
  if (task.judgement === 'classify') {
    const [item] = task.items as [Item];
    result.classifications = await encoder.classify(item.kind, rows[0] as Rows);
  }
  const isStrange = (row: Rows, i: number) =>
    (encoder.strangeness((task.items[i] as Item).kind, row) ?? 0) > strangeAbove;
  result.notes = notesOf(task.items, rows, task.judgement === 'nothing' ? [] : rows.map(isStrange));
  timings.infer += performance.now() - startMs;
  if (!task.keepsRows) result.items = [];
  return result;
}

/** Says which of a request's files a complaint is about. */
async function named<T>({ name }: Item, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${name}: ${error.message}`, error.kind, { cause: error });
  }
}

async function performGraph({ bundle }: LoadedBundle, { graph, inputs, outputs }: GraphTask): Promise<Result> {
  const startMs = performance.now();
  const given = await bundle.run(graph, inputs, outputs);
  return { task: 'graph', outputs: given, timings: { decode: 0, infer: performance.now() - startMs } };
}
