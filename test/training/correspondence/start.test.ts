import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { trainSmall } from '../support/smallRun.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns what a run with these settings is refused with. */
function refusal(...settings: string[]): Promise<string> {
  return trainSmall(join(folder, 'run'), { settings }).then(
    () => 'it was not',
    ({ message }) => message,
  );
}

test('branches that are to stay as they are must come from runs', async () => {
  expect(await refusal('learns=head')).toMatch(
    /learns=head but none is named for audio and image: .*branches\.audio=RUN/,
  );
  expect(await refusal('learns=scale', 'branches.audio=runs/sound')).toMatch(
    /named for image: --set branches\.image=RUN$/,
  );
});

test('a second dataset for canonical correlations that would not be read is refused', async () => {
  expect(await refusal('canonical.also=DIR')).toMatch(
    /Expected matchHead=canonical beside canonical\.also=DIR but received hidden/,
  );
  expect(await refusal('canonical.also=DIR', 'matchHead=canonical')).toMatch(
    /both branches from runs beside canonical\.also=DIR/,
  );
});

test('a run to take a branch from that is not there is named as what it is', async () => {
  expect(await refusal('branches.audio=nowhere')).toMatch(
    /^Expected a run or a checkpoint but there is none at nowhere/,
  );
  expect(readdirSync(join(folder, 'run')), 'nothing is left of runs that did not begin').toEqual([]);
});
