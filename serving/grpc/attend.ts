import { constants, type ServerHttp2Stream } from 'node:http2';
import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import { type Access, admit } from '../http/access.ts';
import type { BodyBudget } from '../http/admission.ts';
import { type AnsweredRequest, requestId } from '../http/server.ts';
import type { Message } from './messages.ts';
import { httpStatusOf, statusOf } from './status.ts';

export interface AttendOptions {
  access: Access;
  /** Messages count among the bodies of HTTP. */
  bodies: BodyBudget;
  /** Of a client that does not read its answer, and of a connection between calls. */
  idleSeconds: number;
  /** Told of every call that has its answer. */
  onRequest?: ((request: AnsweredRequest) => void) | undefined;
}

/** An answer that is read more slowly than this is cut, some time after it was begun. */
const slowestBytesPerSecond = 16_384;

/** Orchestrators ask these without a key. */
const healthMethods = /\/Server(Live|Ready)$/;

/**
 * What every call has: a key, before its message is received; bytes that are held, until the answer is out, and come and go fast enough; an end that
 * others are told of. Its id stands in its metadata.
 */
export function attend({ access, bodies, idleSeconds, onRequest }: AttendOptions): ServerInterceptor {
  return ({ path }, call) => {
    // grpc-js shows whole messages alone: how much of one is there, and what was said in the end, its stream knows.
    const { stream } = call as unknown as { stream: ServerHttp2Stream };
    const startMs = performance.now();
    const receipt = bodies.open();
    let metadata: Metadata | undefined; // who leaves at once sends none
    let receivedBytes = 0;
    const refuse = (error: unknown) => {
      call.sendStatus(statusOf(error));
      stream.close(constants.NGHTTP2_NO_ERROR); // also what was received of the message is gone then
    };
    const hold = (bytes: number): boolean => {
      try {
        receipt.hold(bytes);
        return true;
      } catch (error) {
        refuse(error);
        return false;
      }
    };
    receipt.onTooSlow = refuse;
    stream.on('data', ({ length }: Buffer) => {
      receivedBytes += length;
      hold(length);
    });
    stream.once('end', receipt.received);
    stream.once('close', () => {
      receipt.release();
      const said = stream.sentTrailers ?? stream.sentHeaders;
      const code: status = Number(said?.['grpc-status'] ?? status.CANCELLED);
      onRequest?.({
        id: requestId(textOf(metadata, 'x-request-id')),
        method: 'POST',
        route: path,
        status: httpStatusOf(code),
        grpcCode: code,
        seconds: (performance.now() - startMs) / 1000,
        traceparent: textOf(metadata, 'traceparent'),
      });
    });
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(received, pass) {
            metadata = received;
            metadata.set('x-request-id', requestId(textOf(metadata, 'x-request-id')));
            try {
              const [authorization, forwardedFor] = [
                textOf(metadata, 'authorization'),
                textOf(metadata, 'x-forwarded-for'),
              ];
              const peer = call.getConnectionInfo().remoteAddress ?? '';
              if (!healthMethods.test(path)) admit(access, { authorization, forwardedFor, peer });
            } catch (error) {
              return refuse(error);
            }
            pass(metadata);
          },
          onReceiveMessage(message: Buffer, pass) {
            // A compressed one has become longer.
            if (hold(Math.max(0, message.length - receivedBytes))) pass(message);
          },
        }),
      sendMessage(message: Message, next) {
        // Of the question nothing is needed any more; what is held from now on is the answer.
        receipt.release();
        const bytes = sizeOf(message);
        if (!hold(bytes)) return;
        // Not a stream's own time-out: every ping of its connection would begin it anew.
        const timer = setTimeout(
          () => stream.close(constants.NGHTTP2_CANCEL),
          1000 * (idleSeconds + bytes / slowestBytesPerSecond),
        );
        stream.once('close', () => clearTimeout(timer));
        next(message);
      },
    });
  };
}

/** @returns bytes of an answer's tensors; the rest is small. */
function sizeOf({ raw_output_contents: tensors = [] }: Message): number {
  return tensors.reduce((sum: number, { length }: Uint8Array) => sum + length, 0);
}

export function textOf(metadata: Metadata | undefined, name: string): string | undefined {
  return metadata?.get(name)[0]?.toString();
}
