import { elementCount } from '#core/elementCount.ts';
import { InputError } from '#core/errors.ts';
import { readPickle } from './pickle.ts';

/** A tensor of a file, row after row. */
export interface Weights {
  shape: number[];
  values: Float32Array;
}

interface Storage {
  key: string;
  kind: string;
  length: number;
}

interface View {
  storage: Storage;
  offset: number;
  shape: number[];
  strides: number[];
}

/** Bytes of an element, by its storage's class. */
const elementBytes: Record<string, number> = { 'torch.FloatStorage': 4, 'torch.LongStorage': 8 };
const isTensor = 'torch._utils._rebuild_tensor_v2';

/**
 * Reads the weights that `torch.save` wrote before PyTorch 1.6: five pickles, and the numbers behind them. Nothing of the file is run.
 *
 * @returns by their names; whole numbers are left out.
 * @throws {InputError} for another file, and for weights of another kind than float32.
 */
export function readTorchFile(bytes: Uint8Array): Map<string, Weights> {
  const world = { call, persistent: storageOf };
  const skipped = [0, 1, 2].reduce((end) => readPickle(bytes, end, world).end, 0); // a magic number, the version, the writer's sizes
  const named = readPickle(bytes, skipped, world);
  const keys = readPickle(bytes, named.end, world);
  if (!(named.value instanceof Map) || !Array.isArray(keys.value)) {
    throw new InputError('Expected a file of weights by name, as torch.save wrote it before PyTorch 1.6.');
  }
  const views = new Map([...named.value].map(([name, value]) => [name as string, value as View]));
  const storages = new Map([...views.values()].map(({ storage }) => [storage.key, storage]));
  const places = new Map<string, number>();
  let place = keys.end;
  for (const key of keys.value as string[]) {
    const storage = storages.get(key);
    if (!storage) throw new InputError(`Expected every storage to hold a tensor but ${key} holds none.`);
    places.set(key, place + 8); // after its length
    place += 8 + storage.length * (elementBytes[storage.kind] as number);
  }
  if (place > bytes.length)
    throw new InputError(`Expected ${place} bytes of weights but the file has ${bytes.length}.`);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Map(
    [...views]
      .filter(([, { storage }]) => storage.kind === 'torch.FloatStorage')
      .map(([name, view]) => [name, valuesOf(view, data, places.get(view.storage.key) as number)]),
  );
}

function call(name: string, args: unknown[]): unknown {
  if (name === 'collections.OrderedDict') return new Map();
  if (name !== isTensor) throw new InputError(`Expected a file of weights alone but it calls ${name}.`);
  const [storage, offset, shape, strides] = args as [Storage, number, number[], number[]];
  return { storage, offset, shape, strides } satisfies View;
}

function storageOf(id: unknown): Storage {
  const [, kind, key, , length] = id as [string, string, string, string, number];
  if (!(kind in elementBytes)) throw new InputError(`Expected weights in float32 but they are in ${kind}.`);
  return { key, kind, length };
}

function valuesOf({ offset, shape, strides }: View, data: DataView, place: number): Weights {
  const values = new Float32Array(elementCount(shape));
  for (let i = 0; i < values.length; i++) {
    let rest = i;
    let element = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] as number;
      element += (rest % length) * (strides[axis] as number);
      rest = Math.floor(rest / length);
    }
    values[i] = data.getFloat32(place + 4 * element, true);
  }
  return { shape, values };
}
