import { OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import type { Control } from '../control.ts';
import type { Runtime } from '../engine/provider.ts';
import { addOip } from '../oip/http.ts';
import type { OipService } from '../oip/service.ts';
import type { Metrics } from '../ops/metrics.ts';
import { type Access, guard } from './access.ts';
import { describeError, replyError } from './errors.ts';
import type { FormContext } from './forms.ts';
import type { Reply } from './reply.ts';
import { addBundleFiles } from './routes/bundleFiles.ts';
import { addClassify } from './routes/classify.ts';
import { addControl } from './routes/control.ts';
import { addCorrespondence } from './routes/correspondence.ts';
import { addDocs } from './routes/docs.ts';
import { addEmbed } from './routes/embed.ts';
import { addHealth } from './routes/health.ts';
import { addMetrics } from './routes/metrics.ts';
import { addModels } from './routes/models.ts';
import { addPage } from './routes/page.ts';

export interface AppOptions extends FormContext, Access {
  /** The built web demo. */
  pageFolder: string;
  version: string;
  runtime: Runtime;
  /** null: callers may not change what is served. */
  control: Control | null;
  oip: OipService;
  /** Whose pages may ask; `*`: all. */
  corsOrigins: string[];
  metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** Told of what is nobody's fault but ours. @param requestId over which it broke. */
  onTrouble: (error: unknown, requestId?: string) => void;
}

/** That pages of other origins may read. */
const exposeHeaders = ['X-Request-Id', 'Retry-After', 'Inference-Header-Content-Length'];

export function createApp(options: AppOptions): OpenAPIHono {
  const { pageFolder, version, runtime, control, corsOrigins, metrics, oip, onTrouble, ...context } = options;
  const { engine } = context;
  const app = new OpenAPIHono({ strict: false }); // the protocol's document writes /v2/, its text /v2
  if (corsOrigins.length > 0)
    app.use(cors({ origin: corsOrigins.includes('*') ? '*' : corsOrigins, exposeHeaders, maxAge: 600 }));
  if (context.keys || context.rateLimit) app.use(guard(context));
  addCorrespondence(app, context);
  addClassify(app, context);
  addEmbed(app, context);
  addOip(app, { ...context, oip });
  addModels(app, engine, runtime);
  if (control) addControl(app, control);
  addMetrics(app, metrics);
  addHealth(app, engine);
  addDocs(app, { version, hasKeys: context.keys !== null });
  addBundleFiles(app, engine, pageFolder);
  addPage(app, pageFolder);
  app.onError((error, c) => {
    const reply = describeError(error);
    const { outgoing } = (c.env ?? {}) as { outgoing?: Reply };
    if (reply.status === 500) onTrouble(error, outgoing?.options?.requestId);
    return replyError(c, reply);
  });
  app.notFound((c) => {
    const { method, path } = c.req;
    const allowed = allowedMethods(app, path);
    if (allowed.length > 0 && !allowed.includes(method)) {
      const message = `${path} takes ${allowed.join(', ')}, not ${method}.`;
      return replyError(c, {
        status: 405,
        type: 'method_not_allowed',
        message,
        headers: { Allow: allowed.join(', ') },
      });
    }
    const message = `There is nothing at ${method} ${path}. What there is: /docs`;
    return replyError(c, { status: 404, type: 'not_found', message });
  });
  return app;
}

/** The methods of the routes that match a path, those with parameters too. */
function allowedMethods(app: OpenAPIHono, path: string): string[] {
  const segments = path.split('/');
  const matches = app.routes.filter((route) => {
    const pattern = route.path.split('/');
    if (route.method === 'ALL' || route.path.includes('*') || pattern.length !== segments.length) return false;
    return pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]));
  });
  const methods = new Set(matches.map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods];
}
