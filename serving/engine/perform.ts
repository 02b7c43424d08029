import { InputError } from '#core/errors.ts';
import type { LoadedBundle } from './loadBundle.ts';
import type { GraphTask, Item, MediaResult, MediaTask, Result, Rows, Task, Timings } from './protocol.ts';

/** What a worker does with a task. */
export async function perform(bundle: LoadedBundle, task: Task): Promise<Result> {
  return task.task === 'media' ? performMedia(bundle, task) : performGraph(bundle, task);
}

async function performMedia(loaded: LoadedBundle, task: MediaTask): Promise<MediaResult> {
  const timings: Timings = { decode: 0, infer: 0 };
  const items: MediaResult['items'] = [];
  let isWhole = true;
  for (const item of task.items) {
    const part = await named(item, () => encode(loaded, item, { ...task, timings }));
    items.push(part);
    isWhole &&= 'embeddings' in part;
  }
  const result: MediaResult = { task: 'media', items, scores: null, classifications: null, timings };
  if (isWhole) {
    const startMs = performance.now();
    const rows = items as Rows[];
    const ofKind = (kind: Item['kind']) => rows.filter((_, i) => task.items[i]?.kind === kind);
    if (task.judgement === 'score') {
      result.scores = await loaded.encoder.scoreMatrix(ofKind('audio'), ofKind('image'));
    }
    if (task.judgement === 'classify') {
      const [item] = task.items as [Item];
      result.classifications = await loaded.encoder.classify(item.kind, rows[0] as Rows);
    }
    timings.infer += performance.now() - startMs;
    if (!task.keepsRows) result.items = rows.map(({ startSeconds }) => ({ ...nothing, startSeconds }));
  }
  return result;
}

const nothing = { embeddings: { data: new Float32Array(), rows: 0, columns: 0 }, features: null };

interface Means extends Pick<MediaTask, 'budgetMs' | 'features'> {
  timings: Timings;
}

async function encode({ media, encoder, costs }: LoadedBundle, { kind, from, hopSeconds }: Item, means: Means) {
  const { budgetMs, timings } = means;
  if ('encoded' in from) return from.encoded;
  const startMs = performance.now();
  if (kind === 'image') {
    if (!('file' in from)) throw new Error('A picture comes as a file.');
    const pixels = await media.image(from.file);
    timings.decode += performance.now() - startMs;
    return timed(timings, () => encoder.image(pixels, means));
  }
  if ('file' in from) {
    const sound = encoder.window(await media.audio(from.file), hopSeconds);
    timings.decode += performance.now() - startMs;
    if (sound.starts.length > 1 && sound.starts.length * costs.windowMs > budgetMs) return sound;
    return timed(timings, () => encoder.audio(sound, means));
  }
  return timed(timings, () => encoder.audio(from, means));
}

async function timed<T>(timings: Timings, infer: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const result = await infer();
  timings.infer += performance.now() - startMs;
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

/** The memory that goes back with a result instead of being copied. */
export function transferablesOf(result: Result): ArrayBuffer[] {
  if (result.task === 'graph') return [];
  return result.items.flatMap((item) => ('waveform' in item ? [item.waveform.buffer as ArrayBuffer] : []));
}
