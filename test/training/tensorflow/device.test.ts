import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DeviceFacts, describeDevice, deviceLine } from '../../../training/tensorflow/device.ts';
import { listGpus } from '../../../training/tensorflow/gpus.ts';

const path = process.env.PATH;
const folder = mkdtempSync(join(tmpdir(), 'clapper-gpus-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An nvidia-smi that lists these, as version 550 does. */
const listed = `0, GPU-5a3f91c0-1111-2222-3333-444444444444, NVIDIA A100-SXM4-80GB, 81920, 8.0
1, GPU-77aa00ff-1111-2222-3333-444444444444, NVIDIA A100-SXM4-80GB, 81920, 8.0
2, GPU-0badcafe-1111-2222-3333-444444444444, Tesla T4, 15360, 7.5
`;

describe.skipIf(process.platform === 'win32')('with an nvidia-smi', () => {
  beforeAll(() => {
    const query = '--query-gpu=index,uuid,name,memory.total,compute_cap --format=csv,noheader,nounits';
    const script = `#!/bin/sh\n[ "$*" = '${query}' ] || exit 2\ncat <<'END'\n${listed}END\n`;
    writeFileSync(join(folder, 'nvidia-smi'), script);
    chmodSync(join(folder, 'nvidia-smi'), 0o755);
    process.env.PATH = folder + delimiter + path;
  });
  afterAll(() => {
    process.env.PATH = path;
  });

  const line = async (facts: Partial<DeviceFacts>) =>
    deviceLine({
      usesGpu: true,
      hasCuda: true,
      threads: 16,
      gpus: await listGpus(),
      visible: '0',
      allowsTf32: true,
      ...facts,
    });

  test('the GPU that is used is named, and how to choose another', async () => {
    expect(await line({})).toBe(
      'Computing on GPU 0, NVIDIA A100-SXM4-80GB with 80 GiB, products in TF32. It is one of 3; CUDA_VISIBLE_DEVICES=N chooses another',
    );
    expect(await line({ gpus: (await listGpus()).slice(0, 1) })).toBe(
      'Computing on GPU 0, NVIDIA A100-SXM4-80GB with 80 GiB, products in TF32',
    );
  });

  test('a GPU is known by its number and by the beginning of its uuid', async () => {
    expect(await line({ visible: '1' })).toContain('on GPU 1, NVIDIA');
    expect(await line({ visible: 'GPU-0bad' })).toContain('on GPU 2, Tesla T4 with 15 GiB');
    expect(await line({ visible: 'MIG-9c1d' })).toBe('Computing on the GPU MIG-9c1d');
  });

  test('TF32 is told of GPUs that have it, unless it is switched off', async () => {
    expect(await line({ visible: '2' })).not.toContain('TF32');
    expect(await line({ allowsTf32: false })).not.toContain('TF32');
  });

  test('a GPU that lies idle is told, and what to do about it', async () => {
    const idle = { usesGpu: false, hasCuda: false };
    expect(await line(idle)).toContain(
      'the processor, 16 threads, and not on GPU 0, NVIDIA A100-SXM4-80GB: npx clapper setup --gpu',
    );
    expect(await line({ ...idle, hasCuda: true })).toContain('TF_CPP_MIN_LOG_LEVEL=0');
    expect(await line({ ...idle, visible: '' })).toBe('Computing on the processor, 16 threads'); // hidden on purpose
  });
});

test('without a GPU it is the processor with its threads', async () => {
  expect(await describeDevice()).toMatch(/^Computing on /);
  expect(deviceLine({ usesGpu: false, hasCuda: false, threads: 2, gpus: [], visible: '0', allowsTf32: true })).toBe(
    'Computing on the processor, 2 threads',
  );
});

test('TensorFlow sees one GPU of several, numbered as nvidia-smi numbers them', () => {
  expect(process.env.CUDA_VISIBLE_DEVICES).not.toContain(',');
  expect(process.env.CUDA_DEVICE_ORDER).toBeDefined();
});
