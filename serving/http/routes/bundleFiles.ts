import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { BundleFile } from '#core/bundle/graphs.ts';
import { type BundleManifest, bundleFiles } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { placeInside } from '#node/files.ts';
import type { Engine } from '../../engine/engine.ts';
import { findModel } from '../../engine/models.ts';

/** The bundles' own files: the page runs them in the browser. Whoever has a file already asks whether it changed, by its digest. */
export function addBundleFiles(app: OpenAPIHono, engine: Engine): void {
  app.get('/models/:name/manifest.json', (c) => {
    c.header('Cache-Control', 'no-cache');
    return c.json(findModel(engine.models, c.req.param('name')).manifest);
  });
  app.get('/models/:name/MODEL_CARD.md', async (c) => {
    const card = await placeInside(findModel(engine.models, c.req.param('name')).folder, 'MODEL_CARD.md');
    if (!existsSync(card)) return c.notFound();
    c.header('Cache-Control', 'no-cache');
    return c.text(await readFile(card, 'utf8')); // as plain text: browsers show it, Markdown they would store
  });
  app.get('/models/:name/:file', async (c) => {
    const { manifest, folder } = findModel(engine.models, c.req.param('name'));
    const { file, sha256 } = findFile(manifest, c.req.param('file'));
    const etag = `"${sha256}"`;
    c.header('ETag', etag);
    c.header('Cache-Control', 'no-cache');
    if (c.req.header('If-None-Match') === etag) return c.body(null, 304);
    const path = await placeInside(folder, file);
    c.header('Content-Type', file.endsWith('.json') ? 'application/json' : 'application/octet-stream');
    c.header('Content-Length', String((await stat(path)).size));
    return c.body(Readable.toWeb(createReadStream(path)) as ReadableStream);
  });
}

function findFile(manifest: BundleManifest, name: string): BundleFile {
  const found = bundleFiles(manifest).find(({ file }) => file === name);
  if (!found) throw new InputError(`The model "${manifest.name}" has no file "${name}".`, 'not_found');
  return found;
}
