import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';

/** The description for programs, and the page that shows it to people; all of it from this server, so that it works offline. */
export function addDocs(app: OpenAPIHono, { version }: { version: string }): void {
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Clapper',
      version,
      description: 'Does this sound belong to this image?',
      license: { name: 'Apache-2.0' },
    },
  });
  app.get('/docs', (c) => c.html(page));
  app.get(
    '/docs/:file{swagger-ui.css|swagger-ui-bundle.js|favicon-32x32.png}', // its index.html shows another API
    serveStatic({
      root: dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json'))),
      rewriteRequestPath: (path) => basename(path),
    }),
  );
}

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
    <script>
      SwaggerUIBundle({ url: 'openapi.json', dom_id: '#docs', tryItOutEnabled: true });
    </script>
  </body>
</html>`;
