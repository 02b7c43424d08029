import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import { policyFor } from '../headers.ts';
import { named } from '../named.ts';
import { sendFile } from '../staticFile.ts';

export interface Described {
  version: string;
  /** Whether all but health asks for a key. */
  hasKeys: boolean;
}

/** The description for programs, and the page that shows it to people; all of it from this server, so that it works offline. */
export function addDocs(app: OpenAPIHono, about: Described): void {
  const place = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
  const { version } = JSON.parse(readFileSync(place, 'utf8'));
  let document: string | undefined; // made once: it takes the thread tens of milliseconds
  app.get(
    '/openapi.json',
    named((c) => {
      document ??= JSON.stringify(describeApi(app, about));
      return c.body(document, 200, { 'Content-Type': 'application/json' });
    }),
  );
  app.get(
    '/docs',
    named((c) => {
      if (c.req.url.endsWith('/')) return c.redirect('../docs', 308); // its addresses stand beside it
      return c.html(page, 200, { 'Content-Security-Policy': policyFor(docsPolicy) });
    }),
  );
  app.get(
    '/docs/:file{swagger-ui.css|swagger-ui-bundle.js|favicon-32x32.png}', // its index.html shows another API
    named((c: Context) => {
      const path = join(dirname(place), c.req.param('file') as string);
      const compressed = { br: `${path}.br`, gzip: `${path}.gz` };
      return sendFile(c, { path, tag: version, cacheControl: 'no-cache', compressed });
    }),
  );
}

/** @returns the OpenAPI 3.1 document of the app's routes. */
function describeApi(app: OpenAPIHono, { version, hasKeys }: Described): object {
  if (hasKeys) app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Clapper',
      version,
      description: 'Does this sound belong to this image?',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: './' }], // beside this document, also where a proxy gives the server a path
    ...(hasKeys && { security: [{ key: [] }] }),
  });
  return withTuples(document) as object;
}

/** Tuples as arrays of so many values: readers differ in which draft's tuples they understand. */
function withTuples(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTuples);
  if (typeof value !== 'object' || value === null) return value;
  const object = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withTuples(part)]));
  const places = object.prefixItems ?? object.items;
  if (!Array.isArray(places)) return object;
  const { prefixItems: _, items: __, additionalItems: ___, ...rest } = object;
  return { ...rest, items: {}, minItems: places.length };
}

const script = "SwaggerUIBundle({ url: 'openapi.json', dom_id: '#docs', tryItOutEnabled: true });";
const scriptDigest = createHash('sha256').update(script).digest('base64');

/** Swagger UI sets styles in its markup and draws its icons from data. */
const docsPolicy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${scriptDigest}'`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Clapper: HTTP interface</title>
    <link rel="icon" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script>${raw(script)}</script>
  </body>
</html>`;
