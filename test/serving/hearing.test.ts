import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, get } from './support/ask.ts';
import { runClapper, type Server, startServer } from './support/clapper.ts';
import { type DigitFiles, readDigitFiles } from './support/digits.ts';
import { writeHearingBundle } from './support/hearingBundle.ts';

const can = 'It can classify sounds, embed sounds.';

describe('a model that only classifies sounds', () => {
  let folder: string;
  let bundle: string;
  let server: Server;
  let digits: DigitFiles;
  const at = (path: string) => server.url + path;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clapper-hearing-'));
    bundle = join(folder, 'spoken');
    await writeHearingBundle(bundle);
    digits = await readDigitFiles();
    server = await startServer(['--bundle', 'models/digits', '--bundle', bundle, '--workers', '1']);
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  test('is served beside one that matches, and classifies', async () => {
    const audio = digits.spoken[3] as Uint8Array;
    const { body } = await ask(at('/v1/classify/audio'), { audio, model: 'spoken', topK: 1 });
    expect(body.classifications).toMatchObject([{ classifier: 'spoken-digit', classes: [{ label: '3' }] }]);
  });

  test.each([
    ['/v1/correspondence', 'match sounds with images', () => ({ audio: digits.spoken[3], image: digits.written[3] })],
    ['/v1/classify/image', 'classify images', () => ({ image: digits.written[3] })],
  ])('refuses %s with what it can do', async (path, asked, fields) => {
    const reply = await ask(at(path), { ...(fields() as Record<string, Uint8Array>), model: 'spoken' });
    expect(reply.status).toBe(404);
    expect(reply.body.error).toMatchObject({
      type: 'not_found',
      message: expect.stringMatching(new RegExp(`^The model "spoken" cannot ${asked}: .*${can}$`)),
    });
  });

  test('is listed with what it can be asked', async () => {
    const { body } = await get(at('/v1/models'));
    expect(body.models).toMatchObject([
      { name: 'digits', abilities: ['match', 'classify-audio', 'classify-image', 'embed-audio', 'embed-image'] },
      { name: 'spoken', abilities: ['classify-audio', 'embed-audio'] },
    ]);
    expect((await get(at('/v1/models/spoken'))).body.input).toEqual({ audio: expect.anything() });
  });

  test('is described for programs as it answers: what a manifest may lack is not required', async () => {
    const { body } = await get(at('/openapi.json'));
    const manifest = body.paths['/v1/models/{name}'].get.responses['200'].content['application/json'].schema;
    expect(manifest.properties.input.required ?? []).toEqual([]);
    expect(manifest.properties.variants.required).toEqual(['fp32']);
    const { items } =
      body.paths['/v1/models'].get.responses['200'].content['application/json'].schema.properties.models;
    expect(items.properties.abilities.items.enum).toContain('classify-audio');
  });

  test('is not asked on the command line whether it matches, and says so', async () => {
    const [audio, image] = [join(folder, 'three.wav'), join(folder, 'three.png')];
    await writeFile(audio, digits.spoken[3] as Uint8Array);
    await writeFile(image, digits.written[3] as Uint8Array);
    const { exitCode, stderr } = await runClapper(['match', '--bundle', bundle, '--audio', audio, '--image', image]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`^error: The model "spoken" cannot match sounds with images: .*${can}\n$`));
  });
});
