import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Match } from '#core/bundle/matcher.ts';
import { addFormRoute, type FormContext, formFields } from '../forms.ts';
import { correspondenceSchema, matrixSchema } from '../replies.ts';

/** `/v1/correspondence`, of one sound and one picture, and `/matrix`, of several. */
export function addCorrespondence(app: OpenAPIHono, context: FormContext): void {
  const { engine, limits } = context;
  const { audio, image, audios, images, model, variant, hopSeconds } = formFields(limits);

  addFormRoute(app, context, {
    path: '/v1/correspondence',
    summary: 'Do this sound and this image belong together?',
    description:
      'A sound longer than the model hears at once is cut into windows: one every hopSeconds, and one that ends with the sound. ' +
      'Those in which nothing is heard beside the rest are left out. Each has its score; the log-odds of the whole are the highest of ' +
      "theirs less what luck gives the highest of many: matching.windowDiscount of the model's manifest times the logarithm of their number.",
    form: z.strictObject({ audio, image, model, variant, hopSeconds }),
    reply: correspondenceSchema,
    async answer({ audio, image, model, variant, hopSeconds }, caller) {
      const sounds = [{ name: 'audio', bytes: audio }];
      const images = [{ name: 'image', bytes: image }];
      const answered = await engine.score({ model, variant, hopSeconds, sounds, images }, caller);
      const [[{ score, windows }]] = answered.answer as [[Match]];
      const { notes, timings } = answered;
      return { model: answered.model, variant: answered.variant, score, windows, notes, timings };
    },
  });

  addFormRoute(app, context, {
    path: '/v1/correspondence/matrix',
    summary: 'Which of these sounds belongs to which of these images?',
    description:
      'Every image with every sound. Each file is encoded once, so N sounds and M images cost N + M encodings. ' +
      "A long sound's score is its windows' by the model's rule.",
    form: z.strictObject({ audio: audios, image: images, model, variant, hopSeconds }),
    reply: matrixSchema,
    async answer({ audio, image, ...asked }, caller) {
      const question = {
        ...asked,
        sounds: audio.map((bytes, i) => ({ name: `audio[${i}]`, bytes })),
        images: image.map((bytes, i) => ({ name: `image[${i}]`, bytes })),
      };
      const { answer, notes, timings, ...about } = await engine.score(question, caller);
      return { ...about, scores: answer.map((row) => row.map(({ score }) => score)), notes, timings };
    },
  });
}
