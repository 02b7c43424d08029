/** Keeps what was last asked for, so that only the side that changed is encoded. */
export interface Memory<Value> {
  /** What is known under that id, or what `work` gives, unless it fails. */
  recall(id: string, work: () => Promise<Value>): Promise<Value>;
}

/** @param most values that are kept; the one asked for longest ago is forgotten. */
export function createMemory<Value>(most = 64): Memory<Value> {
  const known = new Map<string, Promise<Value>>();
  return {
    recall(id, work) {
      const value = known.get(id) ?? work();
      known.delete(id);
      known.set(id, value);
      value.catch(() => known.delete(id));
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
      return value;
    },
  };
}
