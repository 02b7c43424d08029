import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Sends a folder's files below `/clapper/` with no headers but the type, as GitHub Pages does. */
export async function startPlainHost(folder: string) {
  const host = createServer(async (incoming, outgoing) => {
    const [path = ''] = (incoming.url ?? '').split('?');
    const name = path.replace(/^\/clapper\//, '') || 'index.html';
    const content = path.startsWith('/clapper/') ? await readFile(join(folder, name)).catch(() => null) : null;
    if (!content) outgoing.writeHead(404).end();
    else outgoing.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'application/octet-stream' }).end(content);
  }).listen(0, '127.0.0.1');
  await once(host, 'listening');
  return {
    url: `http://127.0.0.1:${(host.address() as AddressInfo).port}/clapper/`,
    async stop() {
      host.closeAllConnections();
      await new Promise((resolve) => host.close(resolve));
    },
  };
}
