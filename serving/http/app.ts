import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import type { Pool } from '../pool/pool.ts';
import { type Admission, limitBody } from './admission.ts';
import { onError, replyError } from './errors.ts';
import type { Models } from './models.ts';
import { addBundleFiles } from './routes/bundleFiles.ts';
import { addClassify } from './routes/classify.ts';
import { addCorrespondence } from './routes/correspondence.ts';
import { addDocs } from './routes/docs.ts';
import { addHealth } from './routes/health.ts';
import { addModels } from './routes/models.ts';
import { addPage } from './routes/page.ts';

export interface AppOptions {
  models: Models;
  pool: Pool;
  admission: Admission;
  pageFolder: string;
  version: string;
}

export function createApp({ models, pool, admission, pageFolder, version }: AppOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook(result, c) {
      if (result.success) return;
      const details = result.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
      const message = details.map((detail) => [detail.field, detail.message].filter(Boolean).join(': ')).join('; ');
      return replyError(c, { status: 400, type: 'invalid_request', message, details });
    },
  });
  app.use(isolate);
  app.on('POST', '/v1/*', admission.middleware, limitBody);
  addCorrespondence(app, { models, pool });
  addClassify(app, { models, pool });
  addModels(app, models);
  addHealth(app, admission);
  addDocs(app, { version });
  addBundleFiles(app, models);
  addPage(app, pageFolder);
  app.onError(onError);
  app.notFound((c) => {
    const { method, path } = c.req;
    const allowed = [...new Set(app.routes.filter((route) => route.path === path).map((route) => route.method))];
    if (allowed.length > 0) {
      c.header('Allow', allowed.join(', '));
      const message = `${path} takes ${allowed.join(', ')}, not ${method}.`;
      return replyError(c, { status: 405, type: 'method_not_allowed', message });
    }
    const message = `There is nothing at ${method} ${path}. What there is: /docs`;
    return replyError(c, { status: 404, type: 'not_found', message });
  });
  return app;
}

/** Browsers give WebAssembly threads only to pages that shut other origins out. */
const isolate = createMiddleware(async (c, next) => {
  await next();
  c.header('Cross-Origin-Opener-Policy', 'same-origin');
  c.header('Cross-Origin-Embedder-Policy', 'require-corp');
  c.header('Cross-Origin-Resource-Policy', 'same-origin');
  c.header('X-Content-Type-Options', 'nosniff');
});
