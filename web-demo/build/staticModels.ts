import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import type { Variant } from '#core/bundle/graphs.ts';
import { listingOf } from '#core/bundle/listing.ts';
import { bundleFiles, parseManifest } from '#core/bundle/manifest.ts';
import { compressFolder } from './compress.ts';

/**
 * Puts the bundles of a folder beside the page, and `v1/models` as the server lists them: for hosts that only send files. FILE.br and FILE.gz stand beside
 * each for those that send such (nginx's `gzip_static` and `brotli_static`, Caddy's `precompressed`); others send the files as they are, or compress them by themselves.
 */
export function staticModels(models: string): Plugin {
  let out: string;
  return {
    name: 'clapper-static-models',
    apply: (_, { command, mode }) => command === 'build' && mode === 'static',
    configResolved: ({ root, build }) => {
      out = resolve(root, build.outDir);
    },
    // There is no server that answers.
    transformIndexHtml: (html) => html.replace(/\s*<a href="\.\/docs">[^<]*<\/a>/, ''),
    async closeBundle() {
      const list = [];
      for (const name of (await readdir(models)).sort()) {
        const file = join(models, name, 'manifest.json');
        if (!existsSync(file)) continue;
        const manifest = parseManifest(await readFile(file, 'utf8'), file);
        const place = join(out, 'models', manifest.name);
        await mkdir(place, { recursive: true });
        const files = ['manifest.json', 'MODEL_CARD.md', ...bundleFiles(manifest).map(({ file }) => file)];
        for (const one of files) await copyFile(join(models, name, one), join(place, one));
        list.push(listingOf(manifest, Object.keys(manifest.variants) as Variant[]));
      }
      await mkdir(join(out, 'v1'), { recursive: true });
      await writeFile(join(out, 'v1/models'), JSON.stringify({ models: list }));
      await writeFile(join(out, '.nojekyll'), ''); // GitHub Pages: all files as they are
      await compressFolder(out);
    },
  };
}
