import { hash } from 'node:crypto';
import { type Matrix, stackMatrices } from '#core/matrix.ts';
import type { ByteLru } from './cache.ts';
import { estimateAudio, estimateImage } from './estimate.ts';
import type { Fleet } from './fleet.ts';
import type { Limits } from './limits.ts';
import { notesOf } from './notes.ts';
import type { Patience } from './patience.ts';
import type { Costs, DecodedSound, Item, Judgement, MediaResult, MediaTask, Noted, Rows } from './protocol.ts';
import type { AnswerTimings, Media, Question } from './questions.ts';

/** What is longer is cut up, so that others have their turn and idle workers share it. */
const sliceMs = 20;
/** Where others wait, no worker is idle to share it: up to this it stays whole, for each hand-over leaves a worker waiting. */
const wholeMs = 60;
/** Decoding of more than this must not occupy every worker. */
const longDecodeMs = 300;
/** A sound's windows go through in slices of at most this many. */
const windowsInSlice = 16;

export interface RunOptions {
  /** Of the bundle. */
  key: string;
  digest: string;
  patience: Patience;
  fleet: Fleet;
  limits: Limits;
  cache: ByteLru<Rows> | null;
}

interface PlannedItem {
  item: Item;
  /** null: not cached. */
  cacheKey: string | null;
  decodeMs: number;
  costMs: number;
}

/** What is said of a question's items. */
export interface Judged extends Pick<MediaResult, 'scores' | 'classifications'>, Noted {
  /** Of each picture, then of each sound; none where a judgement alone was asked for and nothing is kept. */
  rows: Rows[];
}

/** One question on its way: which of its items are known already, which go together, which side by side. */
export class Run {
  readonly timings: AnswerTimings = { queue: 0, decode: 0, infer: 0 };
  hits = 0;
  misses = 0;
  #question: Question;
  #options: RunOptions;
  #queuedMs = performance.now();
  #costs: Costs;
  /** Whether classifiers will read what is encoded. */
  #features = false;

  constructor(question: Question, options: RunOptions) {
    this.#question = question;
    this.#options = options;
    this.#costs = options.fleet.costsOf(options.key);
  }

  /**
   * Encodes what is not known yet and judges it. What is short goes to one worker as a whole, for each hand-over costs; else the
   * items run side by side, and their rows are judged at the end.
   */
  async judge(judgement: Judgement): Promise<Judged> {
    this.#features = judgement === 'classify';
    const planned = this.#plan();
    const costMs = planned.reduce((sum, item) => sum + item.costMs, 0);
    const firsts = planned.map((plan) => planned.find((other) => isSame(other, plan)) as PlannedItem);
    const isDistinct = firsts.every((first, i) => first === planned[i]);
    if (costMs <= (this.#options.fleet.waiting > 0 ? wholeMs : sliceMs) && isDistinct) {
      const result = await this.#perform(planned, { judgement, costMs, keepsRows: judgement === 'nothing' });
      const { items, notes, scores, classifications } = result;
      if (!items.some((item) => 'waveform' in item)) {
        const rows = items as Rows[];
        for (const [i, item] of rows.entries()) this.#keep(planned[i] as PlannedItem, item);
        return { scores, classifications, rows, notes };
      }
      // Where one was given back, nothing is judged yet: the others have their rows.
      const rows = await Promise.all(planned.map((plan, i) => this.#finish(plan, items[i] as Rows | DecodedSound)));
      return this.#judgeRows(planned, rows, judgement);
    }
    const encoded = new Map(planned.map((plan) => [plan, firsts.includes(plan) ? this.#encode(plan) : null]));
    const rows = await Promise.all(firsts.map((first) => encoded.get(first) as Promise<Rows>));
    return this.#judgeRows(planned, rows, judgement);
  }

  #plan(): PlannedItem[] {
    const { sounds, images, hopSeconds } = this.#question;
    return [
      ...images.map((media) => this.#planItem(media, { kind: 'image' })),
      ...sounds.map((media) => this.#planItem(media, { kind: 'audio', hopSeconds })),
    ];
  }

  #planItem({ name, bytes }: Media, { kind, hopSeconds }: Pick<Item, 'kind' | 'hopSeconds'>): PlannedItem {
    const { cache, digest, key } = this.#options;
    const content = cache ? hash('sha256', bytes, 'base64') : null;
    const cacheKey = content && [digest, key, kind, hopSeconds ?? '', this.#features, content].join(' ');
    const encoded = cacheKey ? cache?.get(cacheKey) : undefined;
    if (cacheKey) this[encoded ? 'hits' : 'misses']++;
    const item: Item = { kind, name, hopSeconds, from: encoded ? { encoded } : { file: bytes } };
    const { decodeMs, costMs } = encoded ? nothing : this.#estimate(item, bytes);
    return { item, cacheKey, decodeMs, costMs };
  }

  #estimate({ kind, hopSeconds }: Item, bytes: Uint8Array): { decodeMs: number; costMs: number } {
    const { windowMs, imageMs } = this.#costs;
    if (kind === 'image') {
      const { decodeMs } = estimateImage(bytes);
      return { decodeMs, costMs: decodeMs + imageMs };
    }
    const { decodeMs, seconds } = estimateAudio(bytes, this.#options.limits.audioSeconds);
    const windows = Math.max(1, seconds / (hopSeconds ?? 0.5));
    // A sound of many windows is given back after decoding, and queued slice by slice at its true cost.
    return { decodeMs, costMs: decodeMs + windowMs * Math.min(windows, Math.max(1, (2 * sliceMs) / windowMs)) };
  }

  async #encode(plan: PlannedItem): Promise<Rows> {
    if ('encoded' in plan.item.from) return plan.item.from.encoded;
    const { items } = await this.#perform([plan], { judgement: 'nothing', costMs: plan.costMs, keepsRows: true });
    return this.#finish(plan, items[0] as Rows);
  }

  /** Of a sound that was given back decoded, the rest: slice by slice, each in its turn. */
  async #finish(plan: PlannedItem, part: Rows | DecodedSound): Promise<Rows> {
    const rows = 'waveform' in part ? await this.#encodeSlices(plan, part) : part;
    this.#keep(plan, rows);
    return rows;
  }

  #keep({ cacheKey, item }: PlannedItem, rows: Rows): void {
    if (cacheKey && 'file' in item.from) this.#options.cache?.set(cacheKey, copyOf(rows), sizeOf(rows));
  }

  async #encodeSlices(plan: PlannedItem, { waveform, starts, startSeconds, notes }: DecodedSound): Promise<Rows> {
    const { windowMs } = this.#costs;
    const perSlice = Math.max(1, Math.min(windowsInSlice, Math.floor((2 * sliceMs) / windowMs)));
    const window = waveform.length - (starts.at(-1) as number);
    const slices: Promise<MediaResult>[] = [];
    let costBeforeMs = 0;
    for (let first = 0; first < starts.length; first += perSlice) {
      const some = starts.slice(first, first + perSlice);
      const from = some[0] as number;
      const part = waveform.slice(from, (some.at(-1) as number) + window);
      const item: Item = { ...plan.item, from: { waveform: part, starts: some.map((start) => start - from) } };
      const costMs = some.length * windowMs;
      // As if the sound had been asked slice by slice: others that came meanwhile have their turn in between.
      const queuedMs = this.#queuedMs + costBeforeMs;
      slices.push(this.#perform([{ ...plan, item }], { judgement: 'nothing', keepsRows: true, costMs, queuedMs }));
      costBeforeMs += costMs;
    }
    const parts = (await Promise.all(slices)).map(({ items }) => items[0] as Rows);
    const features = parts.map((part) => part.features).filter((matrix) => matrix !== null);
    return {
      startSeconds,
      notes,
      embeddings: stackMatrices(parts.map(({ embeddings }) => embeddings)),
      features: features.length > 0 ? stackMatrices(features) : null,
    };
  }

  async #judgeRows(planned: PlannedItem[], rows: Rows[], judgement: Judgement): Promise<Judged> {
    if (judgement === 'nothing')
      return { scores: null, classifications: null, rows, notes: notesOf(itemsOf(planned), rows) };
    const known = planned.map((plan, i) => {
      return { ...plan, decodeMs: 0, item: { ...plan.item, from: { encoded: rows[i] as Rows } } };
    });
    const { scores, classifications, notes } = await this.#perform(known, { judgement, costMs: 0.1, keepsRows: false });
    return { scores, classifications, rows, notes };
  }

  async #perform(planned: PlannedItem[], { judgement, costMs, keepsRows, queuedMs = this.#queuedMs }: Step) {
    const { key, fleet, patience, cache } = this.#options;
    const task: MediaTask = {
      task: 'media',
      bundle: key,
      items: itemsOf(planned),
      judgement,
      features: this.#features,
      keepsRows: keepsRows || cache !== null,
      budgetMs: 2 * sliceMs,
    };
    const isLong = planned.some(({ decodeMs }) => decodeMs > longDecodeMs);
    const { result, queueMs } = await fleet.perform({ task, costMs, queuedMs, isLong, patience });
    this.timings.queue += queueMs;
    this.timings.decode += result.timings.decode;
    this.timings.infer += result.timings.infer;
    return result as MediaResult;
  }
}

interface Step {
  judgement: Judgement;
  costMs: number;
  keepsRows: boolean;
  queuedMs?: number;
}

/** What it takes to do again what was done before. */
const nothing = { decodeMs: 0, costMs: 0 };

const itemsOf = (planned: PlannedItem[]): Item[] => planned.map(({ item }) => item);

/** Of a file that was sent twice, both. */
function isSame(a: PlannedItem, b: PlannedItem): boolean {
  if (a === b) return true;
  if (a.item.kind !== b.item.kind) return false;
  if (a.cacheKey) return a.cacheKey === b.cacheKey;
  const [x, y] = [a.item.from, b.item.from];
  return 'file' in x && 'file' in y && Buffer.compare(x.file, y.file) === 0;
}

/** What came in a message is a view of it, and would keep all of it in memory. */
function copyOf({ embeddings, features, ...rest }: Rows): Rows {
  const own = (matrix: Matrix): Matrix => ({ ...matrix, data: matrix.data.slice() });
  return { ...rest, embeddings: own(embeddings), features: features && own(features) };
}

function sizeOf({ startSeconds, embeddings, features }: Rows): number {
  return 500 + embeddings.data.byteLength + (features?.data.byteLength ?? 0) + 8 * startSeconds.length;
}
