/** Keras writes snake_case; tfjs reads camelCase as well, which models written by hand have. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** A layer's settings with the keys that Keras writes, and plain numbers where old versions wrote arrays of NumPy. */
export function snakeCaseKeys(config: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(config);
  const written = new Map(entries.map(([key, value]) => [snakeCase(key), plainNumber(value)]));
  for (const [key, value] of entries) written.set(key, plainNumber(value));
  return Object.fromEntries(written);
}

/** `{"type": "ndarray", "value": 0.3}` or `{"dtype": "float32", "value": 0.3}`. */
function plainNumber(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('value' in value)) return value;
  const isArray = ('type' in value && value.type === 'ndarray') || 'dtype' in value;
  return isArray && typeof value.value === 'number' ? value.value : value;
}
