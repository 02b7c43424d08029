import { createRoute, type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { variantSchema } from '#core/bundle/graphs.ts';
import { soundFormats } from '#core/media/soundFormats.ts';
import type { Engine } from '../engine/engine.ts';
import { type Limits, minHopSeconds } from '../engine/limits.ts';
import type { AnswerTimings, Caller } from '../engine/questions.ts';
import type { BodyBudget } from './admission.ts';
import { readFields } from './body/readFields.ts';
import { callerOf } from './caller.ts';
import { errorSchema } from './errors.ts';
import { stringifyLong } from './longJson.ts';
import type { Answering } from './server.ts';

/** What a route that takes files needs. */
export interface FormContext {
  engine: Engine;
  limits: Limits;
  bodies: BodyBudget;
  /** Milliseconds that a caller who says nothing waits at most. */
  timeoutMs: number;
}

const bytes = z.instanceof(Uint8Array, {
  error: ({ input }) =>
    Array.isArray(input)
      ? `Expected one file but received ${input.length === 1 ? 'an array' : input.length}`
      : 'Expected a file, as curl -F NAME=@FILE sends it, or base64 in JSON',
});
/** Schemas by whose object files are found in a form. */
const files = new Set<z.ZodType>();

/** The fields that forms are made of; their descriptions name the limits. */
export function formFields(limits: Limits) {
  const file = (description: string) => {
    const schema = bytes.openapi({ type: 'string', format: 'binary', minLength: 1, description });
    files.add(schema);
    return schema;
  };
  const fileList = (description: string) => {
    const schema = z
      .array(bytes.openapi({ type: 'string', format: 'binary', minLength: 1 }))
      .min(1)
      .max(limits.filesPerRequest)
      .openapi({ description });
    files.add(schema);
    return schema;
  };
  const number = (schema: z.ZodNumber) => z.preprocess(toNumber, schema);
  const sound = `${soundFormats}, at most ${limits.audioSeconds} s`;
  const picture = `JPEG, PNG or WebP, at most ${limits.imagePixels / 1e6} million pixels`;
  return {
    audio: file(`a sound: ${sound}`),
    image: file(`a picture: ${picture}`),
    audios: fileList(`sounds: ${sound}; the field is repeated, in JSON it is an array`),
    images: fileList(`pictures: ${picture}; the field is repeated, in JSON it is an array`),
    model: z.string().optional().openapi({ description: 'default: the first model that is served', example: 'digits' }),
    variant: variantSchema
      .optional()
      .openapi({ description: "numbers' precision; default: the first that the model has" }),
    hopSeconds: number(z.number().min(minHopSeconds).max(limits.audioSeconds)).optional().openapi({
      type: 'number',
      minimum: minHopSeconds,
      maximum: limits.audioSeconds,
      description: "from one window's start to the next, in a sound longer than one window; default half a window",
    }),
    topK: number(z.number().int().min(1).max(10_000)).optional().openapi({
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      description: 'how many classes to name; default all of them',
    }),
  };
}

/** Forms hold texts only; one that is no number stays what it is, to be refused as such. */
function toNumber(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : number;
}

export interface FormRoute<Form extends z.ZodObject, Reply extends z.ZodType> {
  path: `/${string}`;
  summary: string;
  description: string;
  form: Form;
  reply: Reply;
  answer: (form: z.infer<Form>, caller: Caller) => Promise<z.input<Reply>>;
}

/** A route that takes files, in a form or as base64 in JSON, and answers about them. */
export function addFormRoute<Form extends z.ZodObject, Reply extends z.ZodType>(
  app: OpenAPIHono,
  context: FormContext,
  { path, summary, description, form, reply, answer }: FormRoute<Form, Reply>,
): void {
  const { engine, bodies, limits } = context;
  const entries = Object.entries(form.shape) as [string, z.ZodType][];
  const fileNames = entries.filter(([, schema]) => files.has(schema)).map(([name]) => name);
  const lists = entries.filter(([, schema]) => schema instanceof z.ZodArray).map(([name]) => name);
  const json = z.strictObject(Object.fromEntries(entries.map(([name, schema]) => [name, inJson(schema, limits)])));
  app.openAPIRegistry.registerPath(
    createRoute({
      method: 'post',
      path,
      tags: ['Questions'],
      summary,
      description,
      request: {
        body: {
          required: true,
          content: { 'multipart/form-data': { schema: form }, 'application/json': { schema: json } },
        },
      },
      responses: {
        200: { description: 'the answer', content: { 'application/json': { schema: reply } } },
        ...refusals,
      },
    }) as RouteConfig,
  );
  app.post(path, async (c: Context) => {
    const { incoming } = (c.env ?? {}) as { incoming?: Answering };
    if (incoming) incoming.route = path;
    const caller = callerOf(c, context.timeoutMs);
    engine.expectServing();
    engine.expectRoom(caller);
    const receipt = bodies.open();
    try {
      const maxParts = fileNames.length * limits.filesPerRequest + 16;
      const options = { receipt, maxBytes: bodies.maxBytes, maxParts, files: fileNames };
      const fields = await readFields(c, options);
      const answered = await answer(form.parse(fields.toObject(lists)), caller);
      if (incoming) incoming.timings = (answered as { timings: AnswerTimings }).timings;
      return c.body(await stringifyLong(answered as object), 200, { 'Content-Type': 'application/json' });
    } finally {
      receipt.release();
    }
  });
}

function inJson(schema: z.ZodType, { filesPerRequest }: Limits): z.ZodType {
  if (!files.has(schema)) return schema;
  const base64 = z.string().openapi({ format: 'byte', minLength: 1, description: 'the file in base64' });
  return schema instanceof z.ZodArray ? z.array(base64).min(1).max(filesPerRequest) : base64;
}

export function refusal(description: string) {
  return { description, content: { 'application/json': { schema: errorSchema } } };
}

/** What every route may answer, but for health. */
export const accessRefusals = {
  401: refusal('no key, or one that is not known here, where keys are asked for'),
  429: refusal('too much to do; Retry-After says when to try again'),
};

const refusals = {
  ...accessRefusals,
  400: refusal('a field is missing, unknown or out of range'),
  404: refusal('no such model, or it cannot do this'),
  408: refusal('the body came too slowly'),
  413: refusal('too many bytes, pixels, seconds or windows'),
  415: refusal('not a type of body, sound or picture that is read here'),
  422: refusal('the right format, but empty, cut short or damaged'),
  503: refusal('loading, shutting down, not done in time, or a worker broke down'),
};
