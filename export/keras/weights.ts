import { z } from 'zod';
import { InputError } from '#core/errors.ts';

/** One trained array, row-major. */
export interface Weight {
  shape: number[];
  data: Float32Array;
}

/** The `weightsManifest` of a tfjs layers model: which arrays stand one after another in which files. */
export const weightsManifestSchema = z.array(
  z.object({
    paths: z.array(z.string()),
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int().nonnegative()),
        dtype: z.string(),
        quantization: z.unknown().optional(),
      }),
    ),
  }),
);
export type WeightsManifest = z.infer<typeof weightsManifestSchema>;

/**
 * @param read one file beside `model.json`.
 * @param where the model's name, for messages.
 * @returns the arrays by their name, `layer/weight`.
 */
export async function readWeights(
  manifest: WeightsManifest,
  { read, where }: { read: (file: string) => Promise<Uint8Array>; where: string },
): Promise<Map<string, Weight>> {
  const weights = new Map<string, Weight>();
  for (const group of manifest) {
    for (const { name, dtype, quantization } of group.weights) {
      if (dtype !== 'float32' || quantization) {
        const stored = quantization ? `quantised ${dtype}` : dtype;
        throw new InputError(
          `Expected "${name}" of ${where} as float32 but it is ${stored}. Save the model unquantised.`,
        );
      }
    }
    const bytes = concatenate(await Promise.all(group.paths.map(read)));
    const expectedBytes = group.weights.reduce((sum, { shape }) => sum + bytesOf(shape), 0);
    if (bytes.length !== expectedBytes) {
      throw new InputError(
        `Expected ${expectedBytes} bytes of weights in ${group.paths.join(', ')} of ${where} but received ${bytes.length}: ` +
          'the file was cut short or belongs to another model. Copy or train the checkpoint again.',
      );
    }
    let offset = 0;
    for (const { name, shape } of group.weights) {
      const end = offset + bytesOf(shape);
      weights.set(name, { shape, data: new Float32Array(bytes.buffer.slice(offset, end)) });
      offset = end;
    }
  }
  return weights;
}

function bytesOf(shape: number[]): number {
  return shape.reduce((product, dimension) => product * dimension, Float32Array.BYTES_PER_ELEMENT);
}

function concatenate(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
