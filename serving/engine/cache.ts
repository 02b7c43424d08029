/** A least-recently-used store of bounded bytes. */
export class ByteLru<Value> {
  #entries = new Map<string, { value: Value; bytes: number }>();
  #bytes = 0;
  readonly capacity: number;
  hits = 0;
  misses = 0;

  /** @param capacity bytes; 0 keeps nothing. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    this.#entries.delete(key); // a map keeps the order in which keys came: the oldest stands first
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value, bytes: number): void {
    if (bytes > this.capacity) return;
    this.#bytes += bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { value, bytes });
    for (const [oldest, { bytes: freed }] of this.#entries) {
      if (this.#bytes <= this.capacity) return;
      this.#entries.delete(oldest);
      this.#bytes -= freed;
    }
  }
}
