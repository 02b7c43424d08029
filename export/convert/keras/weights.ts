import { z } from 'zod';
import { elementCount } from '#core/elementCount.ts';
import { InputError } from '#core/errors.ts';
import { filePathSchema } from '#core/fileName.ts';
import { joinBytes } from '#core/joinBytes.ts';
import { dequantise, quantisationSchema, quantisedBytes } from './quantisation.ts';

/** One array of the files, row-major. */
export interface StoredWeight {
  /** As the file calls it. */
  name: string;
  shape: number[];
  /** Whole numbers and truth values (0 or 1) as tfjs has them. */
  data: Float32Array | Int32Array | Uint8Array;
  /** Of complex numbers; `data` holds the real parts. */
  imaginary?: Float32Array;
}

/** One trained array, row-major. */
export interface Weight extends StoredWeight {
  data: Float32Array;
}

/** The `weightsManifest` of a tfjs model: which arrays stand one after another in which files. */
export const weightsManifestSchema = z.array(
  z.object({
    paths: z.array(filePathSchema),
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int().nonnegative()),
        dtype: z.string(),
        quantization: quantisationSchema.optional(),
      }),
    ),
  }),
);
export type WeightsManifest = z.infer<typeof weightsManifestSchema>;
type WeightSpec = WeightsManifest[number]['weights'][number];

const bytesOfType: Record<string, number> = { float32: 4, int32: 4, bool: 1, uint8: 1, complex64: 8 };

export interface WeightFiles {
  /** One file beside `model.json`. */
  read: (file: string) => Promise<Uint8Array>;
  /** The model's name, for messages. */
  where: string;
}

/**
 * @returns the arrays of a layers model by their name, all as float32.
 * @throws {InputError} naming what is missing, too short, of a type that is not read, or no number.
 */
export async function readWeights(manifest: WeightsManifest, files: WeightFiles): Promise<Map<string, Weight>> {
  const stored = await readStoredWeights(manifest, { ...files, isNumber: Number.isFinite });
  return new Map(
    [...stored].map(([name, weight]) => [
      name,
      { ...weight, data: weight.data instanceof Float32Array ? weight.data : Float32Array.from(weight.data) },
    ]),
  );
}

/**
 * @param isNumber what an array may hold.
 * @returns the arrays by their name.
 * @throws {InputError} naming what is missing, too short, of a type that is not read, or no number.
 */
export async function readStoredWeights(
  manifest: WeightsManifest,
  { read, where, isNumber }: WeightFiles & { isNumber: (value: number) => boolean },
): Promise<Map<string, StoredWeight>> {
  const weights = new Map<string, StoredWeight>();
  for (const group of manifest) {
    const bytes = joinBytes(await Promise.all(group.paths.map(read)));
    const expectedBytes = group.weights.reduce((sum, spec) => sum + bytesOf(spec, where), 0);
    if (bytes.length !== expectedBytes) {
      throw new InputError(
        `Expected ${expectedBytes} bytes of weights in ${group.paths.join(', ')} of ${where} but received ${bytes.length}: ` +
          'the file was cut short or belongs to another model. Copy or save the model again.',
      );
    }
    let offset = 0;
    for (const spec of group.weights) {
      const end = offset + bytesOf(spec, where);
      const { data, imaginary } = numbers(spec, bytes.subarray(offset, end));
      const bad = data.findIndex((value) => !isNumber(value));
      if (bad >= 0) {
        throw new InputError(
          `Expected numbers in the weight "${spec.name}" of ${where} but number ${bad} of it is ${data[bad]}. The training diverged, or the file is damaged.`,
        );
      }
      const other = weights.get(spec.name);
      if (other && (other.shape.join() !== spec.shape.join() || other.data.some((value, i) => value !== data[i]))) {
        throw new InputError(
          `Expected weights of different names in ${where} but two are called "${spec.name}", as layers of one name in models within one another are. ` +
            'Rename these layers where the model was made and save it again.',
        );
      }
      weights.set(spec.name, { name: spec.name, shape: spec.shape, data, ...(imaginary && { imaginary }) });
      offset = end;
    }
  }
  return weights;
}

function numbers(
  { dtype, quantization }: WeightSpec,
  bytes: Uint8Array<ArrayBuffer>,
): Pick<StoredWeight, 'data' | 'imaginary'> {
  if (quantization) {
    const whole = dtype === 'int32';
    const data = dequantise(bytes, quantization, whole);
    return { data: whole ? Int32Array.from(data) : data };
  }
  if (dtype === 'bool') return { data: bytes.slice() };
  if (dtype === 'uint8') return { data: Int32Array.from(bytes) };
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = [aligned.buffer, aligned.byteOffset, aligned.byteLength / 4] as const;
  if (dtype === 'int32') return { data: new Int32Array(...words) };
  const data = new Float32Array(...words);
  if (dtype !== 'complex64') return { data };
  const part = (at: number) => data.filter((_, i) => i % 2 === at);
  return { data: part(0), imaginary: part(1) };
}

function bytesOf({ name, shape, dtype, quantization }: WeightSpec, where: string): number {
  const each = quantization ? quantisedBytes[quantization.dtype] : bytesOfType[dtype];
  if (!each) {
    throw new InputError(
      `Expected the weight "${name}" of ${where} as ${Object.keys(bytesOfType).join(', ')} but it is ${dtype}.`,
    );
  }
  return each * elementCount(shape);
}
