import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { pagePolicy } from '#core/contentSecurity.ts';
import { placeInside } from '#node/files.ts';
import { policyFor } from '../headers.ts';
import { nameRoute } from '../named.ts';
import { sendFile } from '../staticFile.ts';

/** The web demo as Vite built it. */
export function addPage(app: OpenAPIHono, folder: string): void {
  app.get('*', async (c, next) => {
    const isBuilt = existsSync(join(folder, 'index.html')); // it may be built later
    if (!isBuilt)
      return c.req.path === '/'
        ? c.html(notBuilt, 200, {
            'Content-Security-Policy': policyFor("default-src 'none'; style-src 'unsafe-inline'"),
          })
        : next();
    const path = await placeInside(folder, c.req.path.slice(1) || 'index.html').catch(() => null);
    const found = path === null ? null : await stat(path).catch(() => null);
    if (path === null || !found?.isFile()) return next();
    nameRoute(c);
    // On the scripts of workers too: each has a policy of its own.
    c.header('Content-Security-Policy', policyFor(pagePolicy));
    // Vite names what is in assets/ after its content.
    const isNamedByContent = c.req.path.startsWith('/assets/');
    return sendFile(c, {
      path,
      tag: `${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}`,
      cacheControl: isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
      compressed: { br: `${path}.br`, gzip: `${path}.gz` },
    });
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
    <pre>npm run build</pre>
    <p>The <a href="docs">HTTP interface</a> works without it.</p>
  </body>
</html>`;
