import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { addFormRoute, type FormContext, formFields } from '../forms.ts';
import { classificationsSchema } from '../replies.ts';

/** `/v1/classify/audio` and `/v1/classify/image`. */
export function addClassify(app: OpenAPIHono, context: FormContext): void {
  const { engine, limits } = context;
  const { audio, image, model, variant, hopSeconds, topK } = formFields(limits);

  addFormRoute(app, context, {
    path: '/v1/classify/audio',
    summary: 'What is heard?',
    description:
      "Every classifier of the model that hears answers. Of a sound with several windows, a class has the windows' geometric mean, " +
      'divided by the sum over all classes.',
    form: z.strictObject({ audio, model, variant, hopSeconds, topK }),
    reply: classificationsSchema,
    async answer({ audio, topK, ...asked }, caller) {
      const question = { ...asked, sounds: [{ name: 'audio', bytes: audio }], images: [] };
      return mostProbable(await engine.classify('audio', question, caller), topK);
    },
  });

  addFormRoute(app, context, {
    path: '/v1/classify/image',
    summary: 'What is seen?',
    description: 'Every classifier of the model that sees answers.',
    form: z.strictObject({ image, model, variant, topK }),
    reply: classificationsSchema,
    async answer({ image, topK, ...asked }, caller) {
      const question = { ...asked, sounds: [], images: [{ name: 'image', bytes: image }] };
      return mostProbable(await engine.classify('image', question, caller), topK);
    },
  });
}

type Classified = Awaited<ReturnType<FormContext['engine']['classify']>>;

function mostProbable({ answer, notes, timings, ...about }: Classified, topK: number | undefined) {
  const classifications = answer.map(({ classifier, classes }) => ({ classifier, classes: classes.slice(0, topK) }));
  return { ...about, classifications, notes, timings };
}
