import { describe, expect, test } from 'vitest';
import { InputError } from '#core/errors.ts';
import { readTorchFile } from '../../../training/pretrained/torchFile.ts';

/**
 * By PyTorch 2.15: `torch.save(weights, file, _use_new_zipfile_serialization=False)`, where `weights` has `a.weight`, the 2 × 3 quarters from 0 to
 * 1.25; `a.num_batches_tracked`, the whole number 7; and `b`, [1.5, −2.25].
 */
const three = Buffer.from(
  'gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9lbmRpYW5xAohYCgAAAHR5cGVfc2l6ZXNxA31xBChYBQAAAHNob3J0cQVLAlgDAAAAaW50cQZLBFgEAAAAbG9uZ3EHSwR1dS6AAmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxAClScQEoWAgAAABhLndlaWdodHECY3RvcmNoLl91dGlscwpfcmVidWlsZF90ZW5zb3JfdjIKcQMoKFgHAAAAc3RvcmFnZXEEY3RvcmNoCkZsb2F0U3RvcmFnZQpxBVgOAAAAOTQxODk2NTU4MzA0NjRxBlgDAAAAY3B1cQdLBk50cQhRSwBLAksDhnEJSwNLAYZxColoAClScQt0cQxScQ1YFQAAAGEubnVtX2JhdGNoZXNfdHJhY2tlZHEOaAMoKGgEY3RvcmNoCkxvbmdTdG9yYWdlCnEPWA4AAAA5NDE4OTY1NTgzMTY0OHEQaAdLAU50cRFRSwApKYloAClScRJ0cRNScRRYAQAAAGJxFWgDKChoBGgFWA4AAAA5NDE4OTY1NTgzMDMyMHEWaAdLAk50cRdRSwBLAoVxGEsBhXEZiWgAKVJxGnRxG1JxHHUugAJdcQAoWA4AAAA5NDE4OTY1NTgzMDMyMHEBWA4AAAA5NDE4OTY1NTgzMDQ2NHECWA4AAAA5NDE4OTY1NTgzMTY0OHEDZS4CAAAAAAAAAAAAwD8AABDABgAAAAAAAAAAAAAAAACAPgAAAD8AAEA/AACAPwAAoD8BAAAAAAAAAAcAAAAAAAAA',
  'base64',
);
/** Likewise `t`, the whole numbers from 0 to 5 as 2 × 3, turned. */
const turned = Buffer.from(
  'gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9lbmRpYW5xAohYCgAAAHR5cGVfc2l6ZXNxA31xBChYBQAAAHNob3J0cQVLAlgDAAAAaW50cQZLBFgEAAAAbG9uZ3EHSwR1dS6AAmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxAClScQFYAQAAAHRxAmN0b3JjaC5fdXRpbHMKX3JlYnVpbGRfdGVuc29yX3YyCnEDKChYBwAAAHN0b3JhZ2VxBGN0b3JjaApGbG9hdFN0b3JhZ2UKcQVYDgAAADk0MTg5NTM5NDk2MDQ4cQZYAwAAAGNwdXEHSwZOdHEIUUsASwNLAoZxCUsBSwOGcQqJaAApUnELdHEMUnENcy6AAl1xAFgOAAAAOTQxODk1Mzk0OTYwNDhxAWEuBgAAAAAAAAAAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=',
  'base64',
);

test('weights have their names, shapes and numbers; whole numbers are left out', () => {
  expect(readTorchFile(three)).toEqual(
    new Map([
      ['a.weight', { shape: [2, 3], values: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) }],
      ['b', { shape: [2], values: Float32Array.of(1.5, -2.25) }],
    ]),
  );
});

test('a tensor whose rows lie apart is read in its own order', () => {
  expect(readTorchFile(turned).get('t')).toEqual({ shape: [3, 2], values: Float32Array.of(0, 3, 1, 4, 2, 5) });
});

describe('refused, and nothing run', () => {
  test('wherever the file breaks off', () => {
    for (let length = 0; length < three.length; length++)
      expect(() => readTorchFile(three.subarray(0, length)), `${length} bytes`).toThrow(InputError);
  });

  test.each([
    [
      'a function that makes no tensor',
      'torch._utils\n_rebuild_tensor_v2',
      'os.posixpath\n_rebuild_tensor_v2',
      'os.posixpath',
    ],
    ['numbers of another kind', 'torch\nFloatStorage', 'torch\nDoubleStorag', 'DoubleStorag'],
  ])('%s', (_, own, other, said) => {
    const file = Buffer.from(three.toString('latin1').replace(own, other), 'latin1');
    expect(file.length).toBe(three.length);
    expect(() => readTorchFile(file)).toThrow(said);
  });

  test('a file of another kind', () => {
    expect(() => readTorchFile(Buffer.from('PK\u0003\u0004 what PyTorch writes today'))).toThrow(InputError);
  });
});
