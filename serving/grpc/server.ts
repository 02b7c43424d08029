import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { InputError } from '#core/errors.ts';
import { CallerLeft, Refusal } from '../engine/errors.ts';
import { Patience } from '../engine/patience.ts';
import type { Caller } from '../engine/questions.ts';
import { type Access, admit } from '../http/access.ts';
import type { BodyBudget } from '../http/admission.ts';
import { KeyRefused } from '../http/errors.ts';
import type { OipService } from '../oip/service.ts';
import { expectSupported, fromBytes, fromJson, lengthOf, toBytes, typeOf } from '../oip/tensors.ts';
import type { OipTensor } from '../oip/types.ts';

export interface GrpcOptions {
  oip: OipService;
  access: Access;
  /** Tensors that are worked on count among the bodies of HTTP. */
  bodies: BodyBudget;
  /** Milliseconds that a caller without a deadline waits at most. */
  timeoutMs: number;
  onTrouble: (error: unknown) => void;
}

export interface GrpcServer {
  /** @returns the port. */
  listen(address: { host: string; port: number }): Promise<number>;
  /** Answers what is under way, and takes no more. */
  drain(seconds: number): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: messages as the .proto has them
type Message = any;
type Call = grpc.ServerUnaryCall<Message, Message>;

/** The protocol of `/v2` over gRPC. */
export function createGrpcServer({ oip, access, bodies, timeoutMs, onTrouble }: GrpcOptions): GrpcServer {
  const file = fileURLToPath(new URL('./open_inference_grpc.proto', import.meta.url));
  const definition = loadSync(file, { keepCase: true, longs: Number, defaults: true });
  const { inference } = grpc.loadPackageDefinition(definition) as Message;
  const server = new grpc.Server({
    'grpc.max_receive_message_length': bodies.maxBytes,
    'grpc.max_send_message_length': -1,
  });

  const open = (answer: (call: Call) => Message) => (call: Call, reply: grpc.sendUnaryData<Message>) => {
    Promise.resolve()
      .then(() => answer(call))
      .then((message) => reply(null, message))
      .catch((error) => {
        const { code, message } = statusOf(error);
        if (code === grpc.status.INTERNAL) onTrouble(error);
        reply({ code, details: message });
      });
  };
  const guarded = (answer: (call: Call) => Message) =>
    open((call) => {
      const address = call.getPeer().replace(/:\d+$/, ''); // without its port
      admit(access, { authorization: call.metadata.get('authorization')[0]?.toString(), address });
      return answer(call);
    });
  const holding = async (bytes: number, work: () => Promise<Message>) => {
    const receipt = bodies.open();
    receipt.received(); // grpc-js gives whole messages alone
    try {
      receipt.hold(bytes);
      return await work();
    } finally {
      receipt.release();
    }
  };
  const version = (text: string) => text || undefined;
  const { repository } = oip;
  // What is not there, grpc-js calls unimplemented.
  const repositoryCalls = repository && {
    RepositoryIndex: guarded(async ({ request }) => ({ models: await repository.index(request) })),
    RepositoryModelLoad: guarded(async ({ request }) => {
      await repository.load(request.model_name, request.parameters);
      return {};
    }),
    RepositoryModelUnload: guarded(async ({ request }) => {
      await repository.unload(request.model_name);
      return {};
    }),
  };

  server.addService(inference.GRPCInferenceService.service, {
    ServerLive: open(() => ({ live: true })),
    ServerReady: open(() => ({ ready: oip.isReady() })),
    ServerMetadata: guarded(() => oip.server),
    ModelReady: guarded(({ request }) => ({ ready: oip.isModelReady(request.name, version(request.version)) })),
    ModelMetadata: guarded(({ request }) => oip.metadata(request.name, version(request.version))),
    ModelStatistics: guarded(({ request }) => ({
      model_stats: oip.statistics(request.name || undefined, version(request.version)),
    })),
    ...repositoryCalls,
    ModelInfer: guarded((call) =>
      holding(bytesOf(call.request), async () => {
        const { model_name, model_version, id, outputs } = call.request;
        const request = {
          id: id === '' ? undefined : id,
          inputs: readInputs(call.request),
          outputs: outputs.map(({ name, parameters }: Message) => {
            expectSupported(name, parameters);
            return name;
          }),
        };
        const response = await oip.infer(model_name, version(model_version), request, callerOf(call, timeoutMs));
        return {
          model_name: response.model_name,
          model_version: response.model_version,
          id: response.id ?? '',
          outputs: response.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
          raw_output_contents: response.outputs.map(toBytes),
        };
      }),
    ),
  });

  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        const address = host.includes(':') ? `[${host}]` : host; // IPv6
        server.bindAsync(`${address}:${port}`, grpc.ServerCredentials.createInsecure(), (error, bound) => {
          if (!error) return resolve(bound);
          reject(new InputError(`Port ${port} of ${host} cannot be had for gRPC: ${error.message}.`));
        });
      }),
    drain: (seconds) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), seconds * 1000);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

function bytesOf({ inputs, raw_input_contents: raw }: Message): number {
  const typed = inputs.flatMap(({ contents }: Message) => [contents?.fp32_contents, contents?.uint_contents]);
  const numbers = typed.reduce((sum: number, values?: number[]) => sum + (values?.length ?? 0), 0);
  return 8 * numbers + raw.reduce((sum: number, bytes: Buffer) => sum + bytes.length, 0);
}

function callerOf(call: Call, timeoutMs: number): Caller {
  const patience = new Patience();
  call.on('cancelled', () => patience.end(new CallerLeft()));
  const deadline = call.getDeadline();
  const leftMs = deadline instanceof Date ? deadline.getTime() - Date.now() : Number(deadline) - Date.now();
  return { patience, timeoutMs: Math.max(1, Math.min(timeoutMs, Number.isFinite(leftMs) ? leftMs : timeoutMs)) };
}

function readInputs({ inputs, raw_input_contents: raw }: Message): OipTensor[] {
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw new InputError(`Expected raw contents for all ${inputs.length} inputs or none but received ${raw.length}.`);
  }
  return inputs.map(({ name, datatype, shape, parameters, contents }: Message, i: number): OipTensor => {
    expectSupported(name, parameters);
    const type = typeOf(name, datatype);
    const length = lengthOf(name, shape);
    const values = (type === 'FP32' ? contents?.fp32_contents : contents?.uint_contents) ?? [];
    if (raw.length > 0 && values.length > 0) {
      throw new InputError(`Expected "${name}" as raw contents or as typed ones but received both.`);
    }
    const data = raw.length > 0 ? fromBytes(name, type, raw[i], length) : fromJson(name, type, values, length);
    return { name, datatype: type, shape, data };
  });
}

function statusOf(error: unknown): { code: grpc.status; message: string } {
  const { status } = grpc;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InputError) {
    return { code: error.kind === 'not_found' ? status.NOT_FOUND : status.INVALID_ARGUMENT, message };
  }
  if (error instanceof KeyRefused) {
    return { code: error.status === 401 ? status.UNAUTHENTICATED : status.RESOURCE_EXHAUSTED, message };
  }
  if (error instanceof CallerLeft) return { code: status.CANCELLED, message };
  if (error instanceof Refusal) {
    if (error.reason === 'overloaded') return { code: status.RESOURCE_EXHAUSTED, message };
    return { code: error.reason === 'deadline_exceeded' ? status.DEADLINE_EXCEEDED : status.UNAVAILABLE, message };
  }
  return { code: status.INTERNAL, message: 'The server failed; its log says why.' };
}
