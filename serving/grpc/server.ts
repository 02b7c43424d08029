import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { InputError } from '#core/errors.ts';
import { CallerLeft } from '../engine/errors.ts';
import { Patience } from '../engine/patience.ts';
import type { Caller } from '../engine/questions.ts';
import type { OipService } from '../oip/service.ts';
import { expectSupported, fromBytes, fromJson, lengthOf, toBytes, typeOf } from '../oip/tensors.ts';
import type { OipTensor } from '../oip/types.ts';
import { type AttendOptions, attend, textOf } from './attend.ts';
import { type Message, readMessage } from './messages.ts';
import { statusOf } from './status.ts';

export interface GrpcOptions extends AttendOptions {
  oip: OipService;
  /** Milliseconds that a caller without a deadline waits at most. */
  timeoutMs: number;
  /** Told of what is nobody's fault but ours. @param requestId over which it broke. */
  onTrouble: (error: unknown, requestId?: string) => void;
}

export interface GrpcServer {
  /** @returns the port. */
  listen(address: { host: string; port: number }): Promise<number>;
  /** Answers what is under way, and takes no more. */
  drain(seconds: number): Promise<void>;
}

type Call = grpc.ServerUnaryCall<Buffer, Message>;
type Answer = (request: Message, call: Call) => Message | Promise<Message>;

const nothing = Buffer.alloc(0);

/** At the same time; a client's library keeps what is beyond waiting. */
const callsPerConnection = 1000;

grpc.setLogVerbosity(grpc.logVerbosity.NONE); // it would write lines of its own among ours

/** The protocol of `/v2` over gRPC. */
export function createGrpcServer({ oip, timeoutMs, onTrouble, ...attended }: GrpcOptions): GrpcServer {
  const file = fileURLToPath(new URL('./open_inference_grpc.proto', import.meta.url));
  const definition = loadSync(file, { keepCase: true, longs: Number, defaults: true });
  const { inference } = grpc.loadPackageDefinition(definition) as Message;
  const methods: Record<string, grpc.MethodDefinition<Message, Message>> = inference.GRPCInferenceService.service;
  const server = new grpc.Server({
    'grpc.max_receive_message_length': attended.bodies.maxBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': callsPerConnection,
    'grpc.max_connection_idle_ms': Math.ceil(attended.idleSeconds * 1000),
    // Who is gone without a word, or reads nothing at all, does not answer.
    'grpc.keepalive_time_ms': Math.ceil(attended.idleSeconds * 1000),
    interceptors: [attend(attended)],
  });

  const open = (name: string, answer: Answer) => async (call: Call, reply: grpc.sendUnaryData<Message>) => {
    try {
      const request = readMessage(methods[name] as (typeof methods)[string], call.request);
      call.request = nothing; // the call is kept for as long as its answer is read
      reply(null, await answer(request, call));
    } catch (error) {
      const told = statusOf(error);
      if (told.code === grpc.status.INTERNAL) onTrouble(error, textOf(call.metadata, 'x-request-id'));
      reply(told);
    }
  };
  const version = (text: string) => text || undefined;
  const { repository } = oip;
  const answers: Record<string, Answer> = {
    ServerLive: () => ({ live: true }),
    ServerReady: () => ({ ready: oip.isReady() }),
    ServerMetadata: () => oip.server,
    ModelReady: (request) => ({ ready: oip.isModelReady(request.name, version(request.version)) }),
    ModelMetadata: (request) => oip.metadata(request.name, version(request.version)),
    ModelStatistics: (request) => ({
      model_stats: oip.statistics(request.name || undefined, version(request.version)),
    }),
    async ModelInfer(request, call) {
      const { model_name, model_version, id, outputs } = request;
      const question = {
        id: id === '' ? undefined : id,
        inputs: readInputs(request),
        outputs: outputs.map(({ name, parameters }: Message) => {
          expectSupported(name, parameters);
          return name;
        }),
      };
      const response = await oip.infer(model_name, version(model_version), question, callerOf(call, timeoutMs));
      return {
        model_name: response.model_name,
        model_version: response.model_version,
        id: response.id ?? '',
        outputs: response.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
        raw_output_contents: response.outputs.map(toBytes),
      };
    },
    // What is not there, grpc-js calls unimplemented.
    ...(repository && {
      RepositoryIndex: async (request) => ({ models: await repository.index(request) }),
      async RepositoryModelLoad({ model_name, parameters }) {
        await repository.load(model_name, parameters);
        return {};
      },
      async RepositoryModelUnload({ model_name }) {
        await repository.unload(model_name);
        return {};
      },
    }),
  };
  // Messages come as they were sent: an answer reads its own.
  const asBytes = Object.entries(methods).map(([name, method]) => {
    return [name, { ...method, requestDeserialize: (bytes: Buffer) => bytes }];
  });
  server.addService(
    Object.fromEntries(asBytes),
    Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, open(name, answer)])),
  );

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
