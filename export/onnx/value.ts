/** ONNX's numbers for the element types (TensorProto.DataType). */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
} as const;
export type ElementType = keyof typeof elementTypes;

/** A fixed size, or the name of one that each run may choose: `batch`. */
export type Dimension = number | string;

/** A tensor of a graph, by the name that Netron shows. */
export interface Value {
  /** Wanted; the graph makes it its own when it is built, where another has it. */
  name: string;
  type: ElementType;
  shape: Dimension[];
  /** What a list of whole numbers holds, where that is known before a run: a constant, or sizes taken from a shape. */
  elements?: Dimension[];
}

export type ConstantData =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Uint8Array
  | Int8Array
  | Uint16Array;

export function sameShape(a: Dimension[], b: Dimension[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** @returns the shape as people read it: `[batch, 3]`. */
export function shapeText(shape: readonly (Dimension | null)[]): string {
  return `[${shape.map((size) => size ?? '?').join(', ')}]`;
}
