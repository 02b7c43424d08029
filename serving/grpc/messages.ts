import type { MethodDefinition } from '@grpc/grpc-js';
import { Reader } from 'protobufjs';
import { InputError } from '#core/errors.ts';
import { maxWrittenNumbers } from '../oip/types.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages as the .proto has them
export type Message = any;

/** Of a message all but its tensors' numbers. At worst as much takes the thread 60 milliseconds to read. */
const maxReadBytes = 2 ** 18;
/** A tensor has two or three. */
const maxFields = 100;
/** `ModelInferRequest.raw_input_contents`: taken as it is. */
const rawContents = 7;
/** The way to a tensor's numbers: `ModelInferRequest.inputs`, and of each `contents`. */
const toContents = [5, 5];
/** Bytes of a number at least in the fields of `InferTensorContents` that hold many of them packed: bool, int, uint, fp32 and fp64. */
const bytesOfPacked: Record<number, number> = { 1: 1, 2: 1, 4: 1, 6: 4, 7: 8 };

/**
 * Reads a message whose parts were looked over before, without making anything of them.
 *
 * @throws {InputError} for what is no such message, or would hold the thread for long: two megabytes of empty inputs take it more than a second.
 */
export function readMessage(method: MethodDefinition<Message, Message>, bytes: Buffer): Message {
  try {
    expectShort(bytes);
    return method.requestDeserialize(bytes);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(
      `Expected the message that ${method.path} takes but these bytes are none.`,
      'invalid_request',
      {
        cause,
      },
    );
  }
}

function expectShort(bytes: Buffer): void {
  const reader = Reader.create(bytes);
  let readBytes = bytes.length;
  let numbers = 0;
  const lookOver = (end: number, depth: number) => {
    for (let fields = 1; reader.pos < end; fields++) {
      const start = reader.pos;
      const tag = reader.uint32();
      const field = tag >>> 3;
      const isMany = (tag & 7) === 2;
      if (isMany && field === toContents[depth]) lookOver(reader.uint32() + reader.pos, depth + 1);
      else reader.skipType(tag & 7);
      const size = isMany && depth === toContents.length ? bytesOfPacked[field] : undefined;
      if (size) numbers += (reader.pos - start) / size;
      if (size || (depth === 0 && field === rawContents)) readBytes -= reader.pos - start;
      if (depth === 0 && fields > maxFields)
        throw new InputError(`Expected at most ${maxFields} fields in a message.`, 'too_large');
    }
  };
  lookOver(reader.len, 0);
  if (readBytes <= maxReadBytes && numbers <= maxWrittenNumbers) return;
  throw new InputError(
    `Expected at most ${maxWrittenNumbers} numbers and ${maxReadBytes} other bytes beside raw_input_contents but received ${bytes.length} bytes. Send tensors there.`,
    'too_large',
  );
}
