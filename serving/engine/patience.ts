/**
 * Whether somebody still waits for an answer. What an AbortSignal says too, at a tenth of its cost: each request has one, and each of its
 * items listens.
 */
export class Patience {
  #reason: Error | null = null;
  #listeners = new Set<(reason: Error) => void>();

  /** null: somebody waits. */
  get ended(): Error | null {
    return this.#reason;
  }

  /** Nobody waits any more. @param reason what those are told who work on the answer. */
  end(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const tell of this.#listeners) tell(reason);
    this.#listeners.clear();
  }

  onEnd(tell: (reason: Error) => void): void {
    if (this.#reason) tell(this.#reason);
    else this.#listeners.add(tell);
  }

  offEnd(tell: (reason: Error) => void): void {
    this.#listeners.delete(tell);
  }
}
