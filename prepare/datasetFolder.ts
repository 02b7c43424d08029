import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { removeUnfinished, writeAtomically } from '#node/atomic.ts';
import { type Plan, planSchema } from './plan.ts';

/**
 * Makes a dataset's folder, or opens it to go on.
 *
 * @throws {InputError} for a folder that holds anything else, or was begun with another plan.
 */
export async function openDatasetFolder(folder: string, plan: Plan): Promise<void> {
  const planFile = join(folder, 'plan.json');
  await mkdir(join(folder, 'shards'), { recursive: true });
  if (existsSync(planFile))
    expectSamePlan(folder, parseJson(planSchema, await readFile(planFile, 'utf8'), planFile), plan);
  else {
    const others = (await readdir(folder)).filter(
      (name) => name !== 'shards' && !name.startsWith('plan.json.unfinished-'),
    );
    if (others.length > 0) {
      throw new InputError(
        `Expected an empty folder or a begun dataset at ${folder} but it holds ${others.slice(0, 5).join(', ')}. Choose another --out.`,
      );
    }
    await writeAtomically(planFile, `${JSON.stringify(plan, null, 2)}\n`);
  }
  await removeUnfinished(folder);
  await removeUnfinished(join(folder, 'shards'));
}

function expectSamePlan(folder: string, begun: Plan, plan: Plan): void {
  if (isDeepStrictEqual(begun, plan)) return;
  const differing = Object.keys(plan).filter((key) => begun[key as keyof Plan] !== plan[key as keyof Plan]);
  const areFiles = differing.every((key) => ['listing', 'items', 'files'].includes(key));
  throw new InputError(
    areFiles
      ? `The files are not those that ${folder} was begun with (${begun.files} files then, ${plan.files} now). Choose another --out.`
      : `${folder} was begun with other settings (${differing.join(', ')}). Go on with the same, or choose another --out.`,
  );
}
