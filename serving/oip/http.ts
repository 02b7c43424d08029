import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { variantSchema } from '#core/bundle/graphs.ts';
import { elementCount } from '#core/elementCount.ts';
import { InputError } from '#core/errors.ts';
import type { BodyBudget } from '../http/admission.ts';
import { createJsonGuard, readJson } from '../http/body/json.ts';
import { openBody } from '../http/body/source.ts';
import { callerOf } from '../http/caller.ts';
import { named } from '../http/named.ts';
import type { OipRepository, OipService } from './service.ts';
import { expectSupported, fromBytes, fromJson, lengthOf, toBytes, typeOf } from './tensors.ts';
import {
  type InferRequest,
  type InferResponse,
  type ModelMetadata,
  maxWrittenNumbers,
  type OipTensor,
} from './types.ts';

export interface OipHttpOptions {
  oip: OipService;
  bodies: BodyBudget;
  timeoutMs: number;
}

const headerName = 'inference-header-content-length';

/** `/v2`: the protocol over HTTP, with Triton's binary tensor data, statistics and repository extensions. */
export function addOip(app: OpenAPIHono, { oip, bodies, timeoutMs }: OipHttpOptions): void {
  const healthy = (c: Context, isSo: boolean, said: object) =>
    isSo ? c.json(said) : c.json({ error: 'not ready' }, 503, { 'Retry-After': '1' });
  const version = (c: Context) => c.req.param('version');
  const name = (c: Context) => c.req.param('name') as string;

  app.get(
    '/v2',
    named((c) => c.json(oip.server)),
  );
  app.get(
    '/v2/health/live',
    named((c) => healthy(c, true, { live: true })),
  );
  app.get(
    '/v2/health/ready',
    // The protocol's text names the one member, its own clients read the other.
    named((c) => healthy(c, oip.isReady(), { live: true, ready: true })),
  );
  app.get(
    '/v2/models/stats',
    named((c) => c.json({ model_stats: oip.statistics() })),
  );
  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version'] as const) {
    app.get(
      path,
      named((c) => c.json(oip.metadata(name(c), version(c)))),
    );
    app.get(
      `${path}/ready`,
      named((c) => healthy(c, oip.isModelReady(name(c), version(c)), { name: name(c), ready: true })),
    );
    app.get(
      `${path}/stats`,
      named((c) => c.json({ model_stats: oip.statistics(name(c), version(c)) })),
    );
    app.post(
      `${path}/infer`,
      named(async (c) => {
        const caller = callerOf(c, timeoutMs);
        oip.expectRoom(name(c), version(c), caller); // whoever is refused is told before the body is read
        const receipt = bodies.open();
        try {
          const { request, wishes } = await readRequest(c, { maxBytes: bodies.maxBytes, receipt });
          expectShortAnswer(oip.metadata(name(c), version(c)), request, wishes);
          return reply(c, await oip.infer(name(c), version(c), request, caller), wishes);
        } finally {
          receipt.release();
        }
      }),
    );
  }
  if (oip.repository) addRepository(app, { repository: oip.repository, bodies });
  describeRoutes(app);
}

interface RepositoryOptions {
  repository: OipRepository;
  bodies: BodyBudget;
}

const repositorySchema = z.looseObject({
  ready: z.boolean().default(false),
  parameters: z.record(z.string(), z.unknown()).default({}),
});

function addRepository(app: OpenAPIHono, { repository, bodies }: RepositoryOptions): void {
  const read = async (c: Context) => {
    const receipt = bodies.open();
    try {
      const source = openBody(c, { maxBytes: 100_000, receipt });
      return repositorySchema.parse((await readJson(source, { values: 1000, orEmpty: true })) ?? {});
    } finally {
      receipt.release();
    }
  };
  app.post(
    '/v2/repository/index',
    named(async (c) => c.json(await repository.index(await read(c)))),
  );
  for (const change of ['load', 'unload'] as const) {
    app.post(
      `/v2/repository/models/:name/${change}`,
      named(async (c) => {
        const { parameters } = await read(c);
        await repository[change](c.req.param('name') as string, parameters);
        return c.body('', 200);
      }),
    );
  }
}

/** Answers and refusals repeat it. */
const wordSchema = z.string().max(4096);

const inputSchema = z.looseObject({
  name: wordSchema,
  shape: z.unknown(),
  datatype: z.unknown(),
  parameters: z.looseObject({ binary_data_size: z.number().int().min(0).optional() }).optional(),
  data: z.unknown().optional(),
});
const requestSchema = z.looseObject({
  id: wordSchema.optional(),
  parameters: z.looseObject({ binary_data_output: z.boolean().optional() }).optional(),
  inputs: z.array(inputSchema).min(1).max(16),
  outputs: z
    .array(
      z.looseObject({
        name: wordSchema,
        parameters: z.looseObject({ binary_data: z.boolean().optional() }).optional(),
      }),
    )
    .max(16)
    .optional(),
});

/** Which outputs are wanted as bytes. */
interface Wishes {
  all: boolean;
  of: Map<string, boolean>;
}

async function readRequest(
  c: Context,
  place: Parameters<typeof openBody>[1],
): Promise<{ request: InferRequest; wishes: Wishes }> {
  const headerLength = headerLengthOf(c);
  const chunks: Uint8Array[] = [];
  const check = createJsonGuard(maxWrittenNumbers);
  let counted = 0;
  await openBody(c, place).read((chunk) => {
    chunks.push(chunk);
    check(headerLength === undefined ? chunk : chunk.subarray(0, Math.max(0, headerLength - counted)));
    counted += chunk.length;
  });
  const body = Buffer.concat(chunks);
  const { id, parameters, inputs, outputs = [] } = parseHeader(body.subarray(0, headerLength ?? body.length));
  let at = headerLength ?? body.length;
  const tensors = inputs.map(({ name, shape, datatype, parameters, data }): OipTensor => {
    const type = typeOf(name, datatype);
    const length = lengthOf(name, shape);
    expectSupported(name, parameters);
    const size = parameters?.binary_data_size;
    if (size === undefined)
      return { name, datatype: type, shape: shape as number[], data: fromJson(name, type, data, length) };
    if (data !== undefined) throw new InputError(`Expected "${name}" in JSON or as binary data but received both.`);
    const bytes = body.subarray(at, at + size);
    at += size;
    return { name, datatype: type, shape: shape as number[], data: fromBytes(name, type, bytes, length) };
  });
  if (at !== body.length) throw new InputError(`Expected ${at} bytes in all but received ${body.length}.`);
  const of = new Map(
    outputs.flatMap(({ name, parameters }) => {
      expectSupported(name, parameters);
      return parameters?.binary_data === undefined ? [] : [[name, parameters.binary_data] as const];
    }),
  );
  return {
    request: { id, inputs: tensors, outputs: outputs.map((output) => output.name) },
    wishes: { all: parameters?.binary_data_output ?? false, of },
  };
}

function headerLengthOf(c: Context): number | undefined {
  const text = c.req.header(headerName);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new InputError(`Expected a number of bytes in ${headerName} but received "${text}".`);
  return Number(text);
}

function parseHeader(bytes: Uint8Array): z.infer<typeof requestSchema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InputError(`Expected an inference request in JSON: ${(cause as Error).message}.`);
  }
  const { data, error } = requestSchema.safeParse(json);
  if (error) throw new InputError(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  return data;
}

/** @throws {InputError} for an answer in JSON that would hold the thread for long. */
function expectShortAnswer({ outputs }: ModelMetadata, request: InferRequest, wishes: Wishes): void {
  const named = request.outputs.flatMap((wanted) => outputs.find(({ name }) => name === wanted) ?? []);
  const inJson = (named.length > 0 ? named : outputs).filter(({ name }) => !isBinary(name, wishes));
  const rows = request.inputs[0]?.shape[0] ?? 0;
  const numbers = inJson.reduce((sum, { shape: [, ...rest] }) => sum + rows * elementCount(rest), 0);
  if (numbers <= maxWrittenNumbers) return;
  throw new InputError(
    `Expected an answer of at most ${maxWrittenNumbers} numbers in JSON but it would have ${numbers}. Ask for binary data, fewer outputs or fewer rows.`,
    'too_large',
  );
}

function isBinary(output: string, { all, of }: Wishes): boolean {
  return of.get(output) ?? all;
}

function reply(c: Context, { outputs, ...about }: InferResponse, wishes: Wishes): Response {
  const binary = outputs.filter(({ name }) => isBinary(name, wishes)).map(toBytes);
  const described = outputs.map((output) => {
    const { name, datatype, shape, data } = output;
    if (!isBinary(name, wishes)) return { name, datatype, shape, data: Array.from(data) };
    return { name, datatype, shape, parameters: { binary_data_size: data.byteLength } };
  });
  const json = { ...about, outputs: described };
  if (binary.length === 0) return c.json(json);
  const header = Buffer.from(JSON.stringify(json));
  const body = new Uint8Array(Buffer.concat([header, ...binary]));
  return c.body(body, 200, {
    'Content-Type': 'application/octet-stream',
    'Inference-Header-Content-Length': String(header.length),
  });
}

const errorSchema = z.object({ error: z.string() }).openapi('OipError');
const tensorSchema = z
  .object({
    name: z.string(),
    datatype: z.enum(['FP32', 'UINT8']),
    shape: z.array(z.number().int().min(0)),
    data: z.array(z.unknown()).optional().openapi({ description: 'flat or nested numbers' }),
    parameters: z.object({ binary_data_size: z.number().int().min(0).optional() }).optional(),
  })
  .openapi('OipTensor');
const metadataTensorSchema = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number().int()) });

/** For programs: what they find at /openapi.json. */
function describeRoutes(app: OpenAPIHono): void {
  const json = (schema: z.ZodType, description: string) => ({
    description,
    content: { 'application/json': { schema } },
  });
  const refusals = {
    400: json(errorSchema, 'the request is not as the protocol or the model has it'),
    401: json(errorSchema, 'no key'),
    404: json(errorSchema, 'no such model or version'),
    408: json(errorSchema, 'the body came too slowly'),
    413: json(errorSchema, 'too much'),
    415: json(errorSchema, 'a compressed body'),
    429: json(errorSchema, 'too much to do'),
    503: json(errorSchema, 'loading, shutting down, not done in time'),
  };
  const describe = (method: 'get' | 'post', path: string, summary: string, more: object) =>
    app.openAPIRegistry.registerPath({
      method,
      path,
      tags: ['Open Inference Protocol'],
      summary,
      responses: {},
      ...more,
    });
  const { 401: unauthorized, 404: missing, 429: tooMuch, 503: notReady } = refusals;
  const access = { 401: unauthorized, 429: tooMuch };
  const modelRefusals = { ...access, 404: missing, 503: notReady };
  const server = z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) });
  describe('get', '/v2', 'The server', { responses: { 200: json(server, 'what it is'), ...access } });
  const live = z.object({ live: z.boolean() });
  const ready = z.object({ ready: z.boolean() });
  describe('get', '/v2/health/live', 'Is it alive?', { security: [], responses: { 200: json(live, 'yes') } });
  describe('get', '/v2/health/ready', 'Are all models ready?', {
    security: [],
    responses: { 200: json(live.extend(ready.shape), 'yes'), 503: notReady },
  });
  const metadata = z.object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(metadataTensorSchema),
    outputs: z.array(metadataTensorSchema),
  });
  const statistics = z.object({ model_stats: z.array(z.looseObject({ name: z.string(), version: z.string() })) });
  describe('get', '/v2/models/stats', 'Counts and times of all graphs', {
    responses: { 200: json(statistics, 'as Triton has them'), ...access, 503: notReady },
  });
  const question = z.object({
    id: z.string().optional(),
    inputs: z.array(tensorSchema).min(1).max(16),
    outputs: z
      .array(z.object({ name: z.string() }))
      .max(16)
      .optional(),
  });
  const answer = z.object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(tensorSchema),
  });
  const name = z.string().openapi({ example: 'digits.match' });
  const version = z.enum(variantSchema.options).openapi({ description: "numbers' precision" });
  for (const [path, params] of [
    ['/v2/models/{name}', z.object({ name })],
    ['/v2/models/{name}/versions/{version}', z.object({ name, version })],
  ] as const) {
    const request = { params };
    describe('get', path, 'What a graph takes and gives', {
      request,
      responses: { 200: json(metadata, 'its metadata'), ...modelRefusals },
    });
    describe('get', `${path}/ready`, 'Is it ready?', {
      request,
      responses: { 200: json(ready.extend({ name: z.string() }), 'yes'), ...modelRefusals },
    });
    describe('get', `${path}/stats`, 'Its counts and times', {
      request,
      responses: { 200: json(statistics, 'as Triton has them'), ...modelRefusals },
    });
    describe('post', `${path}/infer`, 'Runs one graph on tensors', {
      description: 'NAME.audio, NAME.image, NAME.match or NAME.classify-*. The binary tensor data extension is there.',
      request: { params, body: { required: true, content: { 'application/json': { schema: question } } } },
      responses: { 200: json(answer, 'the outputs'), ...refusals },
    });
  }
}
