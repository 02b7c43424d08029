import { createRoute, z } from '@hono/zod-openapi';
import { soundFormats } from '#core/media/audio.ts';
import { limits } from '../limits.ts';
import { errorSchema } from './errors.ts';

const file = (description: string) =>
  z
    .custom<File>((value) => value instanceof File, 'Expected a file, as curl -F NAME=@FILE sends it')
    .openapi({ type: 'string', format: 'binary', description });

/** The fields that forms are made of. */
export const fields = {
  audio: file(`a sound: ${soundFormats}, at most ${limits.audioSeconds} s`),
  image: file(`a picture: JPEG, PNG or WebP, at most ${limits.imagePixels / 1e6} million pixels`),
  model: z.string().optional().openapi({ description: 'default: the first model that is served', example: 'digits' }),
  hopSeconds: z.coerce.number().min(limits.minHopSeconds).optional().openapi({
    type: 'number',
    description: "from one window's start to the next, in a sound longer than one window; default half a window",
  }),
  topK: z.coerce
    .number()
    .int()
    .positive()
    .optional()
    .openapi({ type: 'integer', description: 'how many classes to name; default all of them' }),
};

export const timingsSchema = z
  .object({ queue: z.number(), decode: z.number(), run: z.number() })
  .openapi('Timings', { description: 'milliseconds' });

export interface FormRouteOptions<Form extends z.ZodObject, Reply extends z.ZodObject> {
  path: `/${string}`;
  summary: string;
  description: string;
  form: Form;
  reply: Reply;
}

/** A route that takes files and answers about them. */
export function formRoute<Form extends z.ZodObject, Reply extends z.ZodObject>(options: FormRouteOptions<Form, Reply>) {
  const { path, summary, description, form, reply } = options;
  return createRoute({
    method: 'post',
    path,
    tags: ['Questions'],
    summary,
    description,
    request: { body: { required: true, content: { 'multipart/form-data': { schema: form } } } },
    responses: {
      200: { description: 'the answer', content: { 'application/json': { schema: reply } } },
      400: refusal('a field is missing, unknown or out of range'),
      404: refusal('no such model, or it cannot do this'),
      413: refusal('too many bytes, pixels or seconds'),
      415: refusal('not a sound or picture format that is read here'),
      422: refusal('the right format, but empty, cut short or damaged'),
      429: refusal('too many requests; Retry-After says when to try again'),
      503: refusal('loading, shutting down, or the worker broke down'),
    },
  });
}

export function refusal(description: string) {
  return { description, content: { 'application/json': { schema: errorSchema } } };
}

export async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}
