import type { MethodDefinition } from '@grpc/grpc-js';
import { Reader } from 'protobufjs';
import { InputError } from '#core/errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages as the .proto has them
export type Message = any;

/** Of a message all but tensors' raw contents: a photo of 224 × 224, say, in numbers. At worst as much takes the thread 60 milliseconds to read. */
const maxReadBytes = 2 ** 18;
/** A tensor has two or three. */
const maxFields = 100;
/** `ModelInferRequest.raw_input_contents`: taken as it is. */
const rawContents = 7;

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
  for (let fields = 1; reader.pos < reader.len; fields++) {
    const start = reader.pos;
    const tag = reader.uint32();
    reader.skipType(tag & 7);
    if (tag >>> 3 === rawContents) readBytes -= reader.pos - start;
    if (fields > maxFields) throw new InputError(`Expected at most ${maxFields} fields in a message.`, 'too_large');
  }
  if (readBytes <= maxReadBytes) return;
  throw new InputError(
    `Expected at most ${maxReadBytes} bytes beside raw_input_contents but received ${readBytes}. Send tensors there.`,
    'too_large',
  );
}
