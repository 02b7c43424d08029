import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { chromiumPath, startChromium } from '../e2e/support/chromium.ts';
import { pythonWith } from '../support/pythonWith.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const python = await pythonWith(['onnx', 'onnxruntime', 'numpy']);

describe('the programs in the model card, as they stand', () => {
  let folder: string;
  let programs: Map<string, string>;
  let expected: number;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clapper-snippets-'));
    for (const name of ['models', 'node_modules']) await symlink(join(root, name), join(folder, name));
    const card = await readFile(join(root, 'models', 'digits', 'MODEL_CARD.md'), 'utf8');
    const blocks = card.matchAll(/^In (\w+)[^\n]*\n\n```\w+\n(.*?)```/gms);
    programs = new Map(Array.from(blocks, ([, where = '', program = '']) => [where, program]));
    const bundle = await openBundleFolder(join(root, 'models', 'digits'));
    const { audio_embedding } = await bundle.run('audio', { waveform: new Float32Array(8000) }, ['audio_embedding']);
    const { image_embedding } = await bundle.run('image', { image: new Uint8Array(28 * 28 * 3) }, ['image_embedding']);
    const { probability } = await bundle.run('match', { audio_embedding, image_embedding }, ['probability']);
    expected = probability[0] as number;
    await bundle.release();
  });
  afterAll(() => rm(folder, { recursive: true }));

  const printed = (output: string) => Number(/-?\d+(\.\d+)?(e-?\d+)?/.exec(output.replace(/^.*\[/s, ''))?.[0]);

  test('Node', async () => {
    await writeFile(join(folder, 'program.mjs'), programs.get('Node') ?? '');
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder });
    expect(printed(stdout)).toBeCloseTo(expected, 5);
  });

  test.skipIf(!chromiumPath)('a browser', async () => {
    const { port, close } = await serve(programs.get('a') ?? '');
    const { browser, stop } = await startChromium();
    try {
      const page = await browser.newPage();
      const said = page.waitForEvent('console', (message) => message.text().includes('Float32Array'));
      await page.goto(`http://127.0.0.1:${port}/`);
      const [data] = (await said).args();
      expect(await data?.evaluate((array) => array[0])).toBeCloseTo(expected, 5);
    } finally {
      await stop();
      close();
    }
  });

  test.skipIf('missing' in python)('Python', async () => {
    await writeFile(join(folder, 'program.py'), programs.get('Python') ?? '');
    const directory = process.cwd();
    process.chdir(folder);
    const output = await (python as (...args: string[]) => Promise<string>)('program.py').finally(() =>
      process.chdir(directory),
    );
    expect(printed(output)).toBeCloseTo(expected, 5);
  });
});

/** A page with the program, the runtime's files and the models. */
async function serve(program: string): Promise<{ port: number; close: () => void }> {
  const imports = JSON.stringify({ imports: { 'onnxruntime-web/wasm': '/dist/ort.wasm.min.mjs' } });
  const page = `<script type="importmap">${imports}</script><script type="module">${program}</script>`;
  const types: Record<string, string> = { mjs: 'text/javascript', wasm: 'application/wasm' };
  const server = createServer(async ({ url = '/' }, response) => {
    const folder = url.startsWith('/dist/') ? join(root, 'node_modules', 'onnxruntime-web') : root;
    const content = url === '/' ? page : await readFile(join(folder, url)).catch(() => null);
    const type = url === '/' ? 'text/html' : (types[url.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
    response.writeHead(content === null ? 404 : 200, { 'content-type': type }).end(content ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
