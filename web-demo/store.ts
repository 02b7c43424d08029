/** A value that parts of the page share. */
export interface Store<T> {
  readonly value: T;
  set(value: T): void;
  /** Calls `seen` with the value, and again with each that comes. @returns ends that. */
  watch(seen: (value: T) => void): () => void;
}

export function createStore<T>(value: T): Store<T> {
  const watchers = new Set<(value: T) => void>();
  let current = value;
  return {
    get value() {
      return current;
    },
    set(next) {
      current = next;
      for (const seen of [...watchers]) seen(next);
    },
    watch(seen) {
      watchers.add(seen);
      seen(current);
      return () => watchers.delete(seen);
    },
  };
}
