/** The four 32-bit words of an sfc32 generator; saved in a checkpoint, it continues the same numbers. */
export type RandomState = [number, number, number, number];

/**
 * Seeded random numbers, the same in every JavaScript engine: sfc32 (Chris Doty-Humphrey, PractRand),
 * 128 bits of state, 32-bit arithmetic only.
 */
export class Random {
  // Four fields, not an array: an array made anew for every number takes ten times as long.
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /**
   * @param seed whole number below 2³², or a saved state to continue from.
   * @param stream numbers independent of every other stream of this seed: one for each item, so that adding an item changes no other.
   */
  constructor(seed: number | RandomState, stream = 0) {
    if (typeof seed === 'number') {
      [this.#a, this.#b, this.#c, this.#counter] = [seed | 0, stream | 0, 0x9e3779b9 | 0, 1];
      for (let i = 0; i < 16; i++) this.uint32(); // sfc32 needs some rounds to mix a small seed in
    } else {
      [this.#a, this.#b, this.#c, this.#counter] = seed;
    }
  }

  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#counter];
  }

  /** @returns a whole number in [0, 2³²). */
  uint32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** @returns a number in [min, max), in steps of (max − min) / 2³². */
  uniform(min = 0, max = 1): number {
    return min + (max - min) * (this.uint32() / 2 ** 32);
  }

  /** @returns a whole number in [0, limit). */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** @returns a standard normal number (Box–Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('Expected at least one item to pick from but received none.');
    return items[this.integer(items.length)] as T;
  }

  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }
}
