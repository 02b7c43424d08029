/** Token buckets, one for each name: a minute's requests at once, then as many a minute as are allowed. */
export interface RateLimit {
  /** @returns 0 where the request may come in, else the seconds until one may. */
  take(name: string): number;
}

const mostNames = 10_000;

export function createRateLimit(perMinute: number, now = () => performance.now()): RateLimit {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  const perMs = perMinute / 60_000;
  return {
    take(name) {
      const nowMs = now();
      const bucket = buckets.get(name) ?? { tokens: perMinute, atMs: nowMs };
      bucket.tokens = Math.min(perMinute, bucket.tokens + (nowMs - bucket.atMs) * perMs);
      bucket.atMs = nowMs;
      buckets.delete(name);
      buckets.set(name, bucket); // the longest unused stands first
      if (buckets.size > mostNames) buckets.delete(buckets.keys().next().value as string);
      if (bucket.tokens < 1) return (1 - bucket.tokens) / perMs / 1000;
      bucket.tokens--;
      return 0;
    },
  };
}
