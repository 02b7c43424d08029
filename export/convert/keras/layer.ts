import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { snakeCaseKeys } from './names.ts';

export const layerJsonSchema = z.object({
  name: z.string().optional(),
  class_name: z.string(),
  config: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]),
  inbound_nodes: z.array(z.unknown()).optional(),
});
export type LayerJson = z.infer<typeof layerJsonSchema>;

/** Classes that hold layers of their own. */
export const networkClasses = ['Sequential', 'Functional', 'Model'];

export function parseLayer(value: unknown, where: string): LayerJson {
  const asSnake = value && typeof value === 'object' ? snakeCaseKeys(value as Record<string, unknown>) : value;
  const result = layerJsonSchema.safeParse(asSnake);
  if (result.success) return result.data;
  throw new InputError(
    `Expected a layer with class_name and config in ${where} but received ${JSON.stringify(value)?.slice(0, 80)}.`,
  );
}

/** A list of sizes as Keras writes it, batch first: `batch_input_shape`, Keras 3's `batch_shape`; by hand, `input_shape` without the batch. */
const sizesSchema = z.array(z.number().int().positive().nullable());

/** @returns undefined where the layer's settings do not say what it takes. */
export function batchShape(config: Record<string, unknown>, where: string): (number | null)[] | undefined {
  const { input_shape, batch_size = null } = config;
  const written =
    config.batch_input_shape ??
    config.batch_shape ??
    (Array.isArray(input_shape) ? [batch_size, ...input_shape] : null);
  if (written == null) return undefined;
  const result = sizesSchema.safeParse(written);
  if (result.success) return result.data;
  throw new InputError(
    `Expected the shape of ${where} as a list of sizes and nulls but it is ${JSON.stringify(written)}.`,
  );
}

/** A name, or Keras 3's policy object around one. */
export function dtypeOf(config: Record<string, unknown>): string {
  const { dtype } = config;
  if (typeof dtype === 'string') return dtype;
  const named = (dtype as { config?: { name?: unknown } } | null | undefined)?.config?.name;
  return typeof named === 'string' ? named : 'float32';
}
