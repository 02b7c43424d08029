import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { rowOf } from '#core/matrix.ts';
import type { Rows } from '../../engine/protocol.ts';
import { addFormRoute, type FormContext, formFields } from '../forms.ts';
import { audioEmbeddingsSchema, imageEmbeddingSchema } from '../replies.ts';

/** `/v1/embed/audio` and `/v1/embed/image`. */
export function addEmbed(app: OpenAPIHono, context: FormContext): void {
  const { engine, limits } = context;
  const { audio, image, model, variant, hopSeconds } = formFields(limits);

  addFormRoute(app, context, {
    path: '/v1/embed/audio',
    summary: 'The embeddings of a sound, one a window',
    description: 'Windows are cut as for /v1/correspondence.',
    form: z.strictObject({ audio, model, variant, hopSeconds }),
    reply: audioEmbeddingsSchema,
    async answer({ audio, ...asked }, caller) {
      const question = { ...asked, sounds: [{ name: 'audio', bytes: audio }], images: [] };
      const { answer, notes, timings, ...about } = await engine.embed('audio', question, caller);
      const { startSeconds, embeddings } = answer[0] as Rows;
      const windows = startSeconds.map((start, i) => ({
        startSeconds: start,
        embedding: Array.from(rowOf(embeddings, i)),
      }));
      return { ...about, embeddingSize: embeddings.columns, windows, notes, timings };
    },
  });

  addFormRoute(app, context, {
    path: '/v1/embed/image',
    summary: 'The embedding of an image',
    description: 'Of an animation, that of its first frame.',
    form: z.strictObject({ image, model, variant }),
    reply: imageEmbeddingSchema,
    async answer({ image, ...asked }, caller) {
      const question = { ...asked, sounds: [], images: [{ name: 'image', bytes: image }] };
      const { answer, notes, timings, ...about } = await engine.embed('image', question, caller);
      const { embeddings } = answer[0] as Rows;
      const embedding = Array.from(rowOf(embeddings, 0));
      return { ...about, embeddingSize: embeddings.columns, embedding, notes, timings };
    },
  });
}
