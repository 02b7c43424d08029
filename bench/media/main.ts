import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeAudio } from '#core/media/audio.ts';
import { prepareImage } from '#core/media/image.ts';
import { decodePicture } from '#node/media/picture.ts';
import type { Answer, Part, Question } from './questions.ts';

/** Our side: `main.ts FOLDER` answers each {@link Question} on a line with an {@link Answer}. */
const folder = process.argv[2] as string;
const files = new Map(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));

for await (const line of createInterface({ input: process.stdin })) {
  const { parts, repeats } = JSON.parse(line) as Question;
  const start = process.cpuUsage();
  for (let i = 0; i < repeats; i++) for (const part of parts) await decode(part);
  const { user, system } = process.cpuUsage(start);
  console.log(JSON.stringify({ milliseconds: (user + system) / 1000 / repeats } satisfies Answer));
}

async function decode(part: Part): Promise<unknown> {
  const bytes = files.get(part.file) as Uint8Array;
  if ('rate' in part) return decodeAudio(bytes, { sampleRate: part.rate });
  const { side } = part;
  return prepareImage(await decodePicture(bytes, { shortSide: side }), { width: side, height: side, shortSide: side });
}
