/** What TensorBoard is told of one moment. */
export interface Event {
  wallTimeSeconds: number; // since 1970
  step: number;
  /** First in every file: how to read it. */
  fileVersion?: string;
  /** The run goes on at `step`: what was written of that step and later steps is dropped. */
  restart?: boolean;
  /** By tag; a tag's part before the slash names the chart's group. */
  scalars?: Record<string, number>;
}

/** The protobuf message `tensorflow.Event` (tensorflow/core/util/event.proto), of which these few fields are needed. */
export function encodeEvent({ wallTimeSeconds, step, fileVersion, restart, scalars }: Event): Uint8Array {
  const fields = [double(1, wallTimeSeconds), varint(2, step)];
  if (fileVersion !== undefined) fields.push(bytes(3, Buffer.from(fileVersion)));
  if (scalars) fields.push(bytes(5, encodeSummary(scalars)));
  if (restart) fields.push(bytes(7, varint(1, 1))); // SessionLog { status: START }
  return Buffer.concat(fields);
}

/** `tensorflow.Summary`: repeated Value { tag, simple_value }. */
function encodeSummary(scalars: Record<string, number>): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) => [bytes(1, Buffer.from(tag)), float(2, value)]);
  return Buffer.concat(values.map((fields) => bytes(1, Buffer.concat(fields))));
}

// Protobuf's wire types.

function varint(field: number, value: number): Buffer {
  return Buffer.from([...base128(8 * field), ...base128(value)]);
}

function double(field: number, value: number): Buffer {
  const buffer = Buffer.alloc(9);
  buffer.writeUInt8(8 * field + 1);
  buffer.writeDoubleLE(value, 1);
  return buffer;
}

function bytes(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([...base128(8 * field + 2), ...base128(value.length)]), value]);
}

function float(field: number, value: number): Buffer {
  const buffer = Buffer.alloc(5);
  buffer.writeUInt8(8 * field + 5);
  buffer.writeFloatLE(value, 1);
  return buffer;
}

/** @param value a whole number from 0 to 2⁵³. */
function base128(value: number): number[] {
  return value < 128 ? [value] : [128 + (value % 128), ...base128(Math.floor(value / 128))];
}
