import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { readFrom } from '#node/files.ts';
import { type Examples, listSchema } from './described.ts';
import { digitExamples } from './digits.ts';

/**
 * @param folder holds `examples.json` and the files that it lists; or is the digits dataset, of whose test part the first are taken.
 * @throws {InputError} for a folder that is neither, and a file that is missing or listed twice.
 */
export async function readExamples(folder: string): Promise<Examples> {
  if (existsSync(join(folder, 'test-pairs.csv'))) return digitExamples(folder);
  const json = await readFile(join(folder, 'examples.json'), 'utf8').catch((cause) => {
    throw new InputError(`Expected ${folder} to hold examples.json but it cannot be read.`, 'not_found', { cause });
  });
  const list = parseJson(listSchema, json, join(folder, 'examples.json'));
  const files = new Map<string, Uint8Array>();
  for (const { file } of [...list.sounds, ...list.pictures]) {
    if (files.has(file))
      throw new InputError(`Expected each file once in ${folder}/examples.json but ${file} is there twice.`);
    files.set(file, await readFrom(folder)(file));
  }
  return { ...list, files };
}
