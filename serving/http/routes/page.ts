import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { html } from 'hono/html';

/** The web demo as Vite built it. */
export function addPage(app: OpenAPIHono, folder: string): void {
  let files: MiddlewareHandler | undefined; // made when there is something to serve: it may be built later
  app.get('*', async (c, next) => {
    const isBuilt = existsSync(join(folder, 'index.html'));
    if (!isBuilt) return c.req.path === '/' ? c.html(notBuilt) : next();
    files ??= serveStatic({
      root: resolve(folder),
      onFound(path, c) {
        // Vite names what is in assets/ after its content.
        const isNamedByContent = path.includes(`${sep}assets${sep}`);
        c.header('Cache-Control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
    return files(c, next);
  });
}

const notBuilt = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Clapper</title>
    <style>
      body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 15vh auto; padding: 0 1rem; }
    </style>
  </head>
  <body>
    <h1>Clapper</h1>
    <p>The server runs, but its page is not built yet. Build it, then load this address again:</p>
    <pre>npx vite build web-demo</pre>
    <p>The <a href="docs">HTTP interface</a> works without it.</p>
  </body>
</html>`;
