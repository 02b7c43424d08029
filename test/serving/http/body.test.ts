import { expect, test } from 'vitest';
import { readJsonForm } from '../../../serving/http/body/json.ts';
import { readMultipart } from '../../../serving/http/body/multipart.ts';
import type { BodySource } from '../../../serving/http/body/source.ts';

const limits = { parts: 80, textBytes: 4096 };
const part = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n';
const form = (source: BodySource) => readMultipart(source, 'multipart/form-data; boundary=b', limits);
const json = (source: BodySource) => readJsonForm(source, ['audio']);

/** A body as sockets give it; notes the most processor time that one chunk took, or what came after the last. */
function sourceOf(body: Buffer): BodySource & { longestMs: number; lap(): void } {
  let before = process.cpuUsage();
  return {
    length: body.length,
    longestMs: 0,
    lap() {
      const { user, system } = process.cpuUsage(before);
      this.longestMs = Math.max(this.longestMs, (user + system) / 1000);
    },
    async read(onChunk) {
      for (let at = 0; at < body.length; at += 65_536) {
        before = process.cpuUsage();
        try {
          onChunk(body.subarray(at, at + 65_536));
        } finally {
          this.lap();
        }
        await null;
      }
      before = process.cpuUsage();
    },
  };
}

test.each<[string, () => Buffer, (source: BodySource) => Promise<unknown>, RegExp]>([
  ['300,000 parts', () => Buffer.from(part.repeat(300_000)), form, /at most 80 parts/],
  ['24 MB of headers', () => Buffer.from(`--b\r\n${'X: y\r\n'.repeat(4e6)}`), form, /multipart/],
  ['6 million boundaries that are none', () => Buffer.from('x--b'.repeat(6e6)), form, /multipart/],
  ['24 MB of padding', () => Buffer.from(`--b${' '.repeat(24e6)}`), form, /multipart/],
  ['a long text', () => Buffer.from(part.replace('1', '1'.repeat(5000)).concat('--b--')), form, /at most 4096 bytes/],
  ['24 MB of brackets', () => Buffer.from('['.repeat(24e6)), json, /at most 10000 values/],
  ['6 million texts', () => Buffer.from(`{"audio":[${'"a",'.repeat(6e6)}1]}`), json, /at most 10000 values/],
  ['12 million escapes', () => Buffer.from(`{"audio":"${'\\"'.repeat(12e6)}"}`), json, /at most 10000 values/],
  ['1,000 members', () => Buffer.from(`{${'"":1,'.repeat(1e3)}"":1}`), json, /at most 10000 values/],
  ['a long name', () => Buffer.from(`{"${'a'.repeat(101)}":1}`), json, /names of at most 100 characters/],
  ['a long text in JSON', () => Buffer.from(`{"model":"${'1'.repeat(5000)}"}`), json, /at most 4096 bytes/],
])('%s are refused before they hold the thread', async (_, body, read, message) => {
  const source = sourceOf(body());
  await expect(read(source).finally(() => source.lap())).rejects.toThrow(message);
  expect(source.longestMs).toBeLessThan(50);
});

test.each([
  ['spaces', 'a '],
  ['padding', 'a='],
])('base64 of which every second character is one of %s holds the thread for no second', async (_, two) => {
  const source = sourceOf(Buffer.from(JSON.stringify({ audio: two.repeat(12e6) })));
  await expect(json(source).finally(() => source.lap())).rejects.toThrow(/audio: .*other characters/);
  expect(source.longestMs).toBeLessThan(500); // in several steps; a search for them takes four times as long
});

test('24 MB of base64 are read', async () => {
  const bytes = Buffer.alloc(18e6, 'sound');
  const fields = await json(sourceOf(Buffer.from(JSON.stringify({ audio: bytes.toString('base64') }))));
  expect(Buffer.compare(fields.toObject([]).audio as Uint8Array, bytes)).toBe(0);
});

test('a file of 24 MB is read whole, whatever chunks it comes in', async () => {
  const bytes = Buffer.alloc(24e6, '\r\n--');
  const head = Buffer.from('--b\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\n\r\n');
  const source = sourceOf(Buffer.concat([head, bytes, Buffer.from('\r\n--b--\r\n')]));
  const fields = await form(source).finally(() => source.lap());
  expect(source.longestMs).toBeLessThan(50);
  expect(Buffer.compare(fields.toObject([]).audio as Uint8Array, bytes)).toBe(0);
});

test.each([
  ['no boundary at all', 'audio=1'],
  ['no last boundary', '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1'],
  ['a part without a name', '--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--'],
  [
    'a part in base64',
    '--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--b--',
  ],
  [
    'an unknown charset',
    '--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Type: text/plain; charset=x\r\n\r\n1\r\n--b--',
  ],
  ['more behind a boundary', '--bc\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--'],
])('a form with %s is refused', async (_, body) => {
  await expect(form(sourceOf(Buffer.from(body)))).rejects.toThrow(
    /^Expected a multipart\/form-data body, as curl -F makes it: /,
  );
});

test('texts are read in their charset, empty parts as empty', async () => {
  const latin = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n\r\n\xe4\r\n',
    'latin1',
  );
  const rest =
    '--b\r\nContent-Disposition: form-data; name="y"\r\n\r\n\r\n--b\r\nContent-Disposition: form-data; name="z"; filename="z"\r\n\r\n\r\n--b--';
  const fields = (await form(sourceOf(Buffer.concat([latin, Buffer.from(rest)])))).toObject([]);
  expect(fields).toEqual({ x: 'ä', y: '', z: Buffer.alloc(0) });
});
