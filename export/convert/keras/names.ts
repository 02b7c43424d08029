/** Keras writes snake_case; tfjs reads camelCase as well, which models written by hand have. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** A layer's settings with the keys that Keras writes. */
export function snakeCaseKeys(config: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(config);
  if (entries.every(([key]) => key === snakeCase(key))) return config;
  const written = new Map(entries.map(([key, value]) => [snakeCase(key), value]));
  for (const [key, value] of entries) written.set(key, value);
  return Object.fromEntries(written);
}
