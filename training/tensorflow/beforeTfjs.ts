import { createRequire } from 'node:module';
import { InputError } from '#core/errors.ts';
import { addonPath } from './addonPath.ts';

// What must be so before tfjs is imported; `load.ts` imports this file first.

process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // warnings and errors only
process.env.TF_NUM_INTEROP_THREADS ??= '1'; // measured: a training step is a little faster, for its ops run one by one
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'; // without AVX-512 it is not TensorFlow's own choice, and a step takes 1.6 times as long

// tfjs computes on one GPU, but TensorFlow would take the memory of all that it sees. They are numbered as nvidia-smi does it.
process.env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID';
process.env.CUDA_VISIBLE_DEVICES = (process.env.CUDA_VISIBLE_DEVICES ?? '0').split(',')[0]?.trim();

const require = createRequire(import.meta.url);

// tfjs 4.22 calls these, which Node 23 removed and Node 22 warns about.
const util = require('node:util') as Record<string, (value: unknown) => boolean>;
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;

try {
  require(addonPath());
} catch (cause) {
  const reason = (cause as Error).message.split('\n')[0];
  throw new InputError(
    `Expected TensorFlow to train with, but it is not set up (${reason}). Run: npx clapper setup`,
    'not_found',
    { cause },
  );
}
