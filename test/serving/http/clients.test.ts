import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startServer } from '../support/clapper.ts';
import { readDigitFiles } from '../support/digits.ts';

const fixture = (name: string): Record<string, string> =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../fixtures/http/${name}`, import.meta.url)), 'utf8'));

/**
 * Forms as real clients send them, each different where servers trip: quotes, charsets, escapes, chunked bodies. `record.ts` recorded those
 * that could be had; the others are written by hand. In the place of files stand {audio} and {image}, of the address {host}; lines end
 * with CRLF on the wire.
 */
const fixtures = { ...fixture('written.json'), ...fixture('recorded.json') };

let server: Server;
let files: { audio: Buffer; image: Buffer };
const port = () => Number(new URL(server.url).port);

beforeAll(async () => {
  const { spoken, written } = await readDigitFiles();
  files = { audio: Buffer.from(spoken[3] as Uint8Array), image: Buffer.from(written[3] as Uint8Array) };
  server = await startServer(['--bundle', 'models/digits', '--workers', '1', '--upload-grace-seconds', '1']);
});
afterAll(() => server?.stop());

interface Wire {
  /** Whole answers, `100 Continue` too. */
  text: string;
  isClosed: boolean;
}

/** Sends bytes and reads until `isDone` or the end. */
function talk(bytes: Buffer | Buffer[], { isDone = hasAnswer, halfClose = false, ms = 10_000 } = {}): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: port(), host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    const finish = (isClosed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, isClosed });
    };
    const timer = setTimeout(() => finish(false), ms);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (isDone(text)) finish(false);
    });
    socket.on('end', () => finish(true));
    socket.on('error', (error) => (text === '' ? reject(error) : finish(true)));
    for (const piece of Array.isArray(bytes) ? bytes : [bytes]) socket.write(piece);
    if (halfClose) socket.end();
  });
}

function hasAnswer(text: string): boolean {
  const [, head = '', body = ''] =
    /^(?:HTTP\/1\.1 100[^\n]*\r\n\r\n)*(HTTP[\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  return length !== undefined && body.length >= Number(length);
}

/** A fixture's text with real files in it, and the length of its body where {length} stands. */
function onTheWire(template: string): Buffer {
  const text = template.replaceAll('\n', '\r\n').replaceAll('{host}', `127.0.0.1:${port()}`);
  const filled = (part: string) => {
    const pieces = part.split(/(\{audio\}|\{image\})/).map((piece) => {
      const file = { '{audio}': files.audio, '{image}': files.image }[piece];
      return file ?? Buffer.from(piece, 'latin1');
    });
    return Buffer.concat(pieces);
  };
  const split = text.indexOf('\r\n\r\n') + 4;
  const body = filled(text.slice(split));
  const head = text.slice(0, split);
  if (!head.includes('chunked'))
    return Buffer.concat([Buffer.from(head.replace('{length}', String(body.length))), body]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += 1000) {
    const chunk = body.subarray(at, at + 1000);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([Buffer.from(head), ...chunks, Buffer.from('0\r\n\r\n')]);
}

describe('forms of real clients are read', () => {
  test.each(Object.keys(fixtures))('%s', async (name) => {
    const { text } = await talk(onTheWire(fixtures[name] as string));
    expect(text).toMatch(/^HTTP\/1\.1 (100 Continue\r\n\r\nHTTP\/1\.1 )?200 OK\r\n/);
    expect(JSON.parse(text.slice(text.lastIndexOf('\r\n\r\n') + 4)).score).toBeGreaterThan(0.5);
  });

  test('all of them byte by byte too, from one connection', async () => {
    const bytes = onTheWire(fixtures.curl as string);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 97) }, (_, i) => bytes.subarray(97 * i, 97 * (i + 1)));
    expect((await talk(pieces)).text).toMatch(/^HTTP\/1\.1 200/);
  });
});

const run = promisify(execFile);
const has = async (program: string, ...args: string[]) =>
  run(program, args).then(
    () => true,
    () => false,
  );

describe('clients that are installed here', () => {
  test('curl, also with 100-continue and over HTTP/1.0', async (context) => {
    if (!(await has('curl', '--version'))) return context.skip('needs curl');
    const { mkdtemp, writeFile } = await import('node:fs/promises');
    const folder = await mkdtemp('/tmp/clapper-curl-');
    await writeFile(`${folder}/a.wav`, files.audio);
    await writeFile(`${folder}/i "x".png`, files.image);
    const form = ['-F', `audio=@${folder}/a.wav;type=audio/wav`, '-F', `image=@"${folder}/i \\"x\\".png"`];
    for (const extra of [[], ['-H', 'Expect: 100-continue'], ['--http1.0'], ['-H', 'Transfer-Encoding: chunked']]) {
      const { stdout } = await run('curl', ['-s', ...extra, ...form, `${server.url}/v1/correspondence`]);
      expect(JSON.parse(stdout).score).toBeGreaterThan(0.5);
    }
  });
});

describe('connections', () => {
  test('HTTP/1.0 without Host is answered, as HAProxy checks', async () => {
    const { text } = await talk(Buffer.from('GET /healthz HTTP/1.0\r\n\r\n'));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('a client that closes its side still reads the answer', async () => {
    const { text } = await talk(onTheWire(fixtures.curl as string), { halfClose: true });
    expect(text).toMatch(/^HTTP\/1\.1 200/);
  });

  test('a refusal before the body is whole says that it closes, and is read by who goes on sending', async () => {
    const head = `POST /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n`;
    const { text } = await talk([Buffer.from(head), Buffer.alloc(5_000_000)]);
    expect(text).toMatch(/^HTTP\/1\.1 404/);
    expect(text).toMatch(/\r\nConnection: close\r\n/i);
  });

  test('a body that is too large by its own word is refused instead of asked for', async () => {
    const head = `POST /v1/correspondence HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99000000\r\n\r\n`;
    const { text } = await talk(Buffer.from(head));
    expect(text).toMatch(/^HTTP\/1\.1 413/);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)).error.type).toBe('too_large');
  });

  test.each<[string, string, string, string]>([
    ['no HTTP', 'hello\r\n\r\n', '400', 'invalid_request'],
    ['headers of 40 kB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`, '431', 'too_large'],
    ['an expectation', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n', '417', 'expectation_failed'],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', '400', 'invalid_request'],
  ])('%s is refused with a body that says why', async (_, bytes, status, type) => {
    const { text } = await talk(Buffer.from(bytes));
    expect(text.slice(9, 12)).toBe(status);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)).error.type).toBe(type);
  });

  test('a body that comes by drops is refused', async () => {
    const head = `POST /v1/correspondence HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 50000\r\n\r\n--b\r\n`;
    const { text } = await talk(Buffer.from(head));
    expect(text).toMatch(/^HTTP\/1\.1 408/);
    expect(text).toMatch(/too_slow/);
  });
});
