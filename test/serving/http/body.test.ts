import { expect, test } from 'vitest';
import { readJsonForm } from '../../../serving/http/body/json.ts';
import { readMultipart } from '../../../serving/http/body/multipart.ts';
import type { BodySource } from '../../../serving/http/body/source.ts';

const limits = { parts: 80, textBytes: 4096 };
const part = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n';
const form = (source: BodySource) => readMultipart(source, 'multipart/form-data; boundary=b', limits);
const json = (source: BodySource) => readJsonForm(source, ['audio']);

/** A body as sockets give it; notes the most processor time that one chunk took. */
function sourceOf(body: Buffer): BodySource & { longestMs: number } {
  return {
    length: body.length,
    longestMs: 0,
    async read(onChunk) {
      for (let at = 0; at < body.length; at += 65_536) {
        const before = process.cpuUsage();
        try {
          onChunk(body.subarray(at, at + 65_536));
        } finally {
          const { user, system } = process.cpuUsage(before);
          this.longestMs = Math.max(this.longestMs, (user + system) / 1000);
        }
        await null;
      }
    },
  };
}

test.each<[string, () => Buffer, (source: BodySource) => Promise<unknown>, RegExp]>([
  ['300,000 parts', () => Buffer.from(part.repeat(300_000)), form, /at most 80 parts/],
  ['24 MB of headers', () => Buffer.from(`--b\r\n${'X: y\r\n'.repeat(4e6)}`), form, /multipart/],
  ['a long text', () => Buffer.from(part.replace('1', '1'.repeat(5000)).concat('--b--')), form, /at most 4096 bytes/],
  ['24 MB of brackets', () => Buffer.from('['.repeat(24e6)), json, /at most 10000 values/],
  ['6 million texts', () => Buffer.from(`{"audio":[${'"a",'.repeat(6e6)}1]}`), json, /at most 10000 values/],
  ['12 million escapes', () => Buffer.from(`{"audio":"${'\\"'.repeat(12e6)}"}`), json, /at most 10000 values/],
])('%s are refused before they hold the thread', async (_, body, read, message) => {
  const source = sourceOf(body());
  await expect(read(source)).rejects.toThrow(message);
  expect(source.longestMs).toBeLessThan(50);
});

test('24 MB of base64 are read', async () => {
  const bytes = Buffer.alloc(18e6, 'sound');
  const fields = await json(sourceOf(Buffer.from(JSON.stringify({ audio: bytes.toString('base64') }))));
  expect(Buffer.compare(fields.toObject([]).audio as Uint8Array, bytes)).toBe(0);
});

test('a file of 24 MB is read whole, whatever chunks it comes in', async () => {
  const bytes = Buffer.alloc(24e6, '\r\n--');
  const head = Buffer.from('--b\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\n\r\n');
  const fields = await form(sourceOf(Buffer.concat([head, bytes, Buffer.from('\r\n--b--\r\n')])));
  expect(Buffer.compare(fields.toObject([]).audio as Uint8Array, bytes)).toBe(0);
});
