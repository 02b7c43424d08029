import { elementCount } from '#core/elementCount.ts';
import { InputError } from '#core/errors.ts';
import type { OipTensor, OipType } from './types.ts';

/** @param data flat or nested, as the specification allows. @throws {InputError} for what are no numbers. */
export function fromJson(name: string, datatype: OipType, data: unknown, length: number): OipTensor['data'] {
  const count = countOf(data); // before room is made: a short request may claim a long shape
  if (count !== length) throw new InputError(`Expected ${length} numbers for "${name}" but received ${count}.`);
  const values = datatype === 'FP32' ? new Float32Array(length) : new Uint8Array(length);
  let filled = 0;
  const take = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const part of value) take(part);
      return;
    }
    const isByte = Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
    if (typeof value !== 'number' || (datatype === 'UINT8' && !isByte)) {
      throw new InputError(
        `Expected ${datatype} numbers for "${name}" but received ${JSON.stringify(value)?.slice(0, 40)}.`,
      );
    }
    values[filled++] = value;
  };
  take(data);
  return values;
}

function countOf(data: unknown): number {
  if (!Array.isArray(data)) return 1;
  let count = 0;
  for (const part of data) count += Array.isArray(part) ? countOf(part) : 1;
  return count;
}

/** @param bytes little-endian, in row-major order. @throws {InputError} for another number of them. */
export function fromBytes(name: string, datatype: OipType, bytes: Uint8Array, length: number): OipTensor['data'] {
  const size = datatype === 'FP32' ? 4 : 1;
  if (bytes.length !== length * size) {
    throw new InputError(`Expected ${length * size} bytes for "${name}" but received ${bytes.length}.`);
  }
  const copy = new Uint8Array(bytes); // memory of its own, at whose start four bytes make a number
  return datatype === 'FP32' ? new Float32Array(copy.buffer) : copy;
}

export function toBytes({ data }: OipTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Of Triton's extensions those that change what is sent, and are not had here. */
const unsupported = ['classification', 'shared_memory_region'];

/** @throws {InputError} for parameters of a tensor that, passed over, would give another answer than was asked for. */
export function expectSupported(name: string, parameters: Record<string, unknown> = {}): void {
  const asked = unsupported.find((parameter) => parameter in parameters);
  if (asked) {
    throw new InputError(`Expected no "${asked}" of "${name}": this server lacks that extension. Leave it out.`);
  }
}

/** @throws {InputError} for a type that no graph takes. */
export function typeOf(name: string, datatype: unknown): OipType {
  if (datatype === 'FP32' || datatype === 'UINT8') return datatype;
  throw new InputError(`Expected "${name}" as FP32 or UINT8 but received ${JSON.stringify(datatype)?.slice(0, 40)}.`);
}

/** @returns how many numbers a shape holds. @throws {InputError} for what is no shape. */
export function lengthOf(name: string, shape: unknown): number {
  const isShape =
    Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0) && shape.length <= 8;
  if (!isShape)
    throw new InputError(
      `Expected the shape of "${name}" as whole numbers but received ${JSON.stringify(shape)?.slice(0, 60)}.`,
    );
  const length = elementCount(shape as number[]);
  if (length > maxLength) throw new InputError(`Expected at most ${maxLength} numbers for "${name}".`);
  return length;
}

const maxLength = 2 ** 26;
