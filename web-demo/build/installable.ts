import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Plugin } from 'vite';

const slate = '#20242c';

/** Adds `manifest.webmanifest` and its icons, drawn from `clapper.svg`: browsers offer to install the page. */
export function installable(): Plugin {
  const drawing = join(import.meta.dirname, '../clapper.svg');
  return {
    name: 'clapper-installable',
    apply: 'build',
    async generateBundle() {
      const svg = await readFile(drawing);
      const draw = (size: number, margin: number, background: string | null) =>
        sharp(svg, { density: (72 * size) / 32 })
          .resize(Math.round(size * (1 - 2 * margin)))
          .extend({
            ...Object.fromEntries(['top', 'bottom', 'left', 'right'].map((side) => [side, Math.round(size * margin)])),
            background: background ?? { r: 0, g: 0, b: 0, alpha: 0 },
          })
          .flatten(background ? { background } : false)
          .resize(size, size)
          .png({ compressionLevel: 9 })
          .toBuffer();
      const icons = [
        { file: 'icon-192.png', size: 192, purpose: 'any', margin: 0.04, background: null },
        { file: 'icon-512.png', size: 512, purpose: 'any', margin: 0.04, background: null },
        { file: 'icon-maskable-512.png', size: 512, purpose: 'maskable', margin: 0.2, background: '#ffffff' },
      ];
      for (const { file, size, margin, background } of icons) {
        this.emitFile({ type: 'asset', fileName: file, source: await draw(size, margin, background) });
      }
      const manifest = {
        name: 'Clapper: does this sound match this picture?',
        short_name: 'Clapper',
        description: 'A small neural network judges, in the browser, whether a sound and a picture belong together.',
        start_url: './',
        scope: './',
        display: 'standalone',
        background_color: '#ffffff',
        theme_color: slate,
        icons: icons.map(({ file, size, purpose }) => ({
          src: file,
          sizes: `${size}x${size}`,
          type: 'image/png',
          purpose,
        })),
      };
      this.emitFile({ type: 'asset', fileName: 'manifest.webmanifest', source: JSON.stringify(manifest) });
    },
    transformIndexHtml: () => [
      { tag: 'link', attrs: { rel: 'manifest', href: './manifest.webmanifest' }, injectTo: 'head' },
      { tag: 'link', attrs: { rel: 'apple-touch-icon', href: './icon-192.png' }, injectTo: 'head' },
      { tag: 'meta', attrs: { name: 'theme-color', content: slate }, injectTo: 'head' },
    ],
  };
}
