import { tf } from '../tensorflow/load.ts';

type AttributeValue = number | boolean | string;

/** The part of tfjs-node's backend that runs any TensorFlow operator by name. */
interface NativeBackend {
  binding: Record<
    'TF_ATTR_TYPE' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_FLOAT' | 'TF_COMPLEX64',
    number
  > & {
    /** Their names, separated by spaces, as `native/tfjsAddon.cc` gives them; not there where tfjs installed its own addon. */
    clapperOperators?: string;
  };
  isUsingGpuDevice: boolean;
  executeMultipleOutputs(name: string, attributes: object[], inputs: tf.Tensor[], outputs: number): tf.Tensor[];
}

export interface NativeOp {
  /** As TensorFlow names it, for example `FusedBatchNormV3`, or one of `native/operators/`. */
  name: string;
  inputs: tf.Tensor[];
  outputs: number;
  /** Attributes that hold the element type: float32. */
  typeAttributes?: string[];
  /** Those that hold complex64. */
  complexTypeAttributes?: string[];
  floats?: Record<string, number>;
  integers?: Record<string, number>;
  strings?: Record<string, string>;
  booleans?: Record<string, boolean>;
}

/** Runs a TensorFlow operator that tfjs has no function for. Whoever calls owns the tensors it returns. */
export function runNativeOp({
  name,
  inputs,
  outputs,
  typeAttributes = [],
  complexTypeAttributes = [],
  floats,
  integers,
  strings,
  booleans,
}: NativeOp): tf.Tensor[] {
  const backend = nativeBackend();
  const { binding } = backend;
  const attributes = (type: number, values: Record<string, AttributeValue> = {}) =>
    Object.entries(values).map(([attribute, value]) => ({ name: attribute, type, value }));
  const types = [
    ...typeAttributes.map((attribute) => [attribute, binding.TF_FLOAT]),
    ...complexTypeAttributes.map((attribute) => [attribute, binding.TF_COMPLEX64]),
  ];
  return backend.executeMultipleOutputs(
    name,
    [
      ...attributes(binding.TF_ATTR_TYPE, Object.fromEntries(types)),
      ...attributes(binding.TF_ATTR_FLOAT, floats),
      ...attributes(binding.TF_ATTR_INT, integers),
      ...attributes(binding.TF_ATTR_STRING, strings),
      ...attributes(binding.TF_ATTR_BOOL, booleans),
    ],
    inputs,
    outputs,
  );
}

/**
 * @param name of an operator in `native/operators/`.
 * @returns whether it can be used: they are for the processor, and for current ones; and an older setup may lack it.
 */
export function hasClapperOperator(name: string): boolean {
  const { binding, isUsingGpuDevice } = nativeBackend();
  return !isUsingGpuDevice && (binding.clapperOperators?.split(' ').includes(name) ?? false);
}

function nativeBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}
