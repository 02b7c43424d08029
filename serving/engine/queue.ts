/** What waits: how much it is, when it came, and how long it is expected to take. */
export interface Waiting {
  /** Sounds, pictures, tensors. */
  items: number;
  /** Milliseconds of a worker's time. */
  costMs: number;
  /** A monotonic clock's milliseconds. */
  queuedMs: number;
}

/**
 * The next is the one whose time of arrival plus expected cost is the earliest: what is short passes what is long, and
 * nothing waits for ever, for newcomers stand further and further behind (a virtual finish time, as in fair queueing).
 */
export class FairQueue<Entry extends Waiting> {
  #heap: { key: number; order: number; entry: Entry }[] = [];
  #order = 0;
  #costMs = 0;
  #items = 0;

  get length(): number {
    return this.#heap.length;
  }

  /** Of all that waits. */
  get items(): number {
    return this.#items;
  }

  /** Of all that waits. */
  get costMs(): number {
    return this.#costMs;
  }

  /** @param key of an entry that comes back; default its time of arrival plus its cost. */
  push(entry: Entry, key = entry.queuedMs + entry.costMs): void {
    this.#costMs += entry.costMs;
    this.#items += entry.items;
    this.#heap.push({ key, order: this.#order++, entry });
    this.#rise(this.#heap.length - 1);
  }

  peek(): Entry | undefined {
    return this.#heap[0]?.entry;
  }

  shift(): Entry | undefined {
    const [first] = this.#heap;
    if (!first) return undefined;
    this.#removeAt(0);
    return first.entry;
  }

  /** Takes the first that may be taken now. */
  take(isWanted: (entry: Entry) => boolean): Entry | undefined {
    const first = this.#heap[0];
    if (!first || isWanted(first.entry)) return this.shift();
    let best = -1;
    for (let i = 1; i < this.#heap.length; i++) {
      if (isWanted((this.#heap[i] as { entry: Entry }).entry) && (best < 0 || this.#isBefore(i, best))) best = i;
    }
    if (best < 0) return undefined;
    const { entry } = this.#heap[best] as { entry: Entry };
    this.#removeAt(best);
    return entry;
  }

  remove(entry: Entry): boolean {
    const at = this.#heap.findIndex((node) => node.entry === entry);
    if (at < 0) return false;
    this.#removeAt(at);
    return true;
  }

  #removeAt(at: number): void {
    const heap = this.#heap;
    const removed = heap[at] as (typeof heap)[number];
    const last = heap.pop() as (typeof heap)[number];
    this.#items -= removed.entry.items;
    this.#costMs = heap.length === 0 ? 0 : this.#costMs - removed.entry.costMs;
    if (at >= heap.length) return;
    heap[at] = last;
    this.#rise(at);
    this.#sink(at);
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a], this.#heap[b]] as [{ key: number; order: number }, { key: number; order: number }];
    return x.key < y.key || (x.key === y.key && x.order < y.order);
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    [heap[a], heap[b]] = [heap[b], heap[a]] as [(typeof heap)[number], (typeof heap)[number]];
  }

  #rise(at: number): void {
    for (let child = at; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #sink(at: number): void {
    for (let parent = at; ; ) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child;
      }
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }
}
