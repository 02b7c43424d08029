import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';
import { bundleFiles, parseManifest } from '#core/bundle/manifest.ts';
import { makeAtomically } from '#node/atomic.ts';
import { cacheFolder } from '#node/cacheFolder.ts';

/** What gets smaller; pictures and sounds are compressed already. */
const compressible = new Set(['.html', '.js', '.mjs', '.css', '.json', '.svg', '.wasm', '.webmanifest', '.onnx']);
/** Above, brotli's best quality takes minutes for the last tenth: 14 MB in 6 s at 9, in 16 s at 10. */
const largeBytes = 1e6;

/**
 * Puts FILE.br and FILE.gz beside every file that was built, and `compressed/SHA256.br` and `.gz` for the files of the bundles in a
 * folder; the server sends those. What was compressed once is kept by its content.
 */
export function compress(models: string): Plugin {
  let out: string;
  return {
    name: 'clapper-compress',
    apply: (_, { command, mode }) => command === 'build' && mode !== 'static',
    configResolved: ({ root, build }) => {
      out = resolve(root, build.outDir);
    },
    async closeBundle() {
      await compressFolder(out);
      await mkdir(join(out, 'compressed'), { recursive: true });
      for (const name of await readdir(models)) {
        const manifest = join(models, name, 'manifest.json');
        if (!existsSync(manifest)) continue;
        const files = bundleFiles(parseManifest(await readFile(manifest, 'utf8'), manifest));
        await Promise.all(
          files
            .filter(({ file }) => compressible.has(extname(file)))
            .map(({ file, sha256 }) => compressFile(join(models, name, file), join(out, 'compressed', sha256))),
        );
      }
    },
  };
}

/** Puts FILE.br and FILE.gz beside every file of a folder that gets smaller. */
export async function compressFolder(folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => compressible.has(extname(file)));
  await Promise.all(files.map((file) => compressFile(join(folder, file), join(folder, file))));
}

async function compressFile(from: string, to: string): Promise<void> {
  const content = await readFile(from);
  const quality = content.length > largeBytes ? 9 : 11;
  const digest = createHash('sha256').update(content).digest('hex');
  const folder = join(cacheFolder(), 'compressed');
  await mkdir(folder, { recursive: true });
  for (const [ending, make] of [
    ['br', () => brotli(content, quality)],
    ['gz', () => promisify(gzip)(content, { level: 9 })],
  ] as const) {
    const kept = join(folder, `${digest}-${quality}.${ending}`);
    if (!existsSync(kept)) {
      const smaller = await make();
      await makeAtomically(kept, (unfinished) => writeFile(unfinished, smaller));
    }
    await copyFile(kept, `${to}.${ending}`);
  }
}

function brotli(content: Buffer, quality: number): Promise<Buffer> {
  return promisify(brotliCompress)(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}
