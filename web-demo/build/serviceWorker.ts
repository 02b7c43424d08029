import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Plugin, transformWithOxc } from 'vite';
import { pagePolicy } from '#core/contentSecurity.ts';

/** Kept by the page itself when they are used: 14 and 27 MB. */
const isRuntime = (file: string) => file.endsWith('.wasm');

/** Adds `sw.js`, with the list of the page's files and a version that changes with any of them. */
export function serviceWorker(): Plugin {
  const source = join(import.meta.dirname, '../delivery/serviceWorker.ts');
  return {
    name: 'clapper-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        const digest = createHash('sha256');
        const files = Object.keys(bundle)
          .filter((file) => !isRuntime(file))
          .sort();
        for (const file of files) {
          const part = bundle[file] as (typeof bundle)[string];
          digest.update(file).update(part.type === 'chunk' ? part.code : part.source);
        }
        const text = await readFile(source, 'utf8');
        const values = { VERSION: digest.digest('hex').slice(0, 16), PAGE_FILES: files, POLICY: pagePolicy };
        const define = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
        const { code } = await transformWithOxc(text, source, { define });
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: code });
      },
    },
  };
}
