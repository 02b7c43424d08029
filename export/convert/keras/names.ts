/** Keras writes snake_case; tfjs reads camelCase as well, which models written by hand have. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** A layer's settings with the keys that Keras writes, and plain values where Python's own kinds of them stand. */
export function snakeCaseKeys(config: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(config);
  const written = new Map(entries.map(([key, value]) => [snakeCase(key), plainValue(value)]));
  for (const [key, value] of entries) written.set(key, plainValue(value));
  return Object.fromEntries(written);
}

/**
 * Numbers of old versions' NumPy, `{"type": "ndarray", "value": 0.3}` or `{"dtype": "float32", "value": 0.3}`; arrays of Keras 3,
 * `{"class_name": "__numpy__", "config": {"value": [0.3], …}}`; lists that are tuples or shapes, `{"class_name": "__tuple__", "items": [3, 3]}`.
 */
function plainValue(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plainValue);
  const { class_name, config, items } = value as { class_name?: unknown; config?: unknown; items?: unknown };
  if (class_name === '__tuple__' || class_name === 'TensorShape') return plainValue(items);
  if (class_name === '__numpy__' || class_name === '__tensor__') return (config as { value?: unknown } | null)?.value;
  if (!('value' in value)) return value;
  const isArray = ('type' in value && value.type === 'ndarray') || 'dtype' in value;
  return isArray && (typeof value.value === 'number' || Array.isArray(value.value)) ? value.value : value;
}
