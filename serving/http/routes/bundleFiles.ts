import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { compress } from 'hono/compress';
import type { BundleFile } from '#core/bundle/graphs.ts';
import { type BundleManifest, bundleFiles } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { placeInside } from '#node/files.ts';
import type { Engine } from '../../engine/engine.ts';
import { findModel } from '../../engine/models.ts';
import { named } from '../named.ts';
import { sendFile } from '../staticFile.ts';

/**
 * The bundles' own files: the page runs them in the browser. Whoever has a file already asks whether it changed, by its digest. Those that
 * were there when the page was built stand beside it compressed, by their digests.
 */
export function addBundleFiles(app: OpenAPIHono, engine: Engine, pageFolder: string): void {
  app.get(
    '/models/:name/manifest.json',
    compress(),
    named((c) => {
      c.header('Cache-Control', 'no-cache');
      return c.json(findModel(engine.models, c.req.param('name')).manifest);
    }),
  );
  app.get(
    '/models/:name/MODEL_CARD.md',
    named(async (c) => {
      const card = await placeInside(findModel(engine.models, c.req.param('name')).folder, 'MODEL_CARD.md');
      if (!existsSync(card)) return c.notFound();
      c.header('Cache-Control', 'no-cache');
      return c.text(await readFile(card, 'utf8')); // as plain text: browsers show it, Markdown they would store
    }),
  );
  app.get(
    '/models/:name/:file',
    named(async (c) => {
      const { manifest, folder } = findModel(engine.models, c.req.param('name'));
      const { file, sha256, bytes } = findFile(manifest, c.req.param('file'));
      const compressed = join(pageFolder, 'compressed', sha256);
      return sendFile(c, {
        path: await placeInside(folder, file),
        tag: sha256,
        bytes,
        cacheControl: 'no-cache',
        compressed: { br: `${compressed}.br`, gzip: `${compressed}.gz` },
      });
    }),
  );
}

function findFile(manifest: BundleManifest, name: string): BundleFile {
  const found = bundleFiles(manifest).find(({ file }) => file === name);
  if (!found) throw new InputError(`The model "${manifest.name}" has no file "${name}".`, 'not_found');
  return found;
}
