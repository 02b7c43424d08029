import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const hook = `export function resolve(name, context, next) {
  if (name !== '@audio/decode-aac') return next(name, context);
  throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
}`;
const url = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;
const withoutPackage = url(`import { register } from 'node:module'; register(${JSON.stringify(url(hook))});`);

const script = `
import { readFileSync } from 'node:fs';
import { decodeAudio } from './core/media/audio.ts';
import { prepareDecoders } from './core/media/codecs/index.ts';
await prepareDecoders();
for (const name of ['tone.ogg', 'tone.m4a', 'tone-alac.m4a']) {
  const bytes = new Uint8Array(readFileSync('test/fixtures/sounds/' + name));
  const outcome = await decodeAudio(bytes, { sampleRate: 8000 }).then(({ length }) => length, ({ message }) => message);
  console.log(name + ': ' + outcome);
}`;

test('where the decoder of AAC is left out, all else is decoded, and m4a is refused with the reason', () => {
  const args = ['--import', 'tsx', '--import', withoutPackage, '--input-type=module', '--eval', script];
  const [ogg, m4a, alac] = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
  expect(ogg).toMatch(/^tone.ogg: \d+$/);
  for (const refused of [m4a, alac])
    expect(refused).toContain('@audio/decode-aac, is under the GPL. Convert it to wav or flac');
});
