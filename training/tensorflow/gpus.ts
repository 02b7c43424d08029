import { run } from '#node/run.ts';

/** As `nvidia-smi` lists it. */
export interface Gpu {
  /** Its number, in the order of the slots. */
  index: number;
  uuid: string;
  name: string;
  memoryMiB: number;
  /** Of CUDA, for example 8.0. */
  computeCapability: number;
}

/** @returns the machine's NVIDIA GPUs; empty where there is no driver. */
export async function listGpus(): Promise<Gpu[]> {
  const query = '--query-gpu=index,uuid,name,memory.total,compute_cap';
  const { code, output } = await run('nvidia-smi', [query, '--format=csv,noheader,nounits']);
  if (code !== 0) return [];
  const rows = output
    .trim()
    .split('\n')
    .map((line) => line.split(', '));
  return rows.map(([index, uuid = '', name = '', memory, capability]) => ({
    index: Number(index),
    uuid,
    name,
    memoryMiB: Number(memory),
    computeCapability: Number(capability),
  }));
}

/** @param visible as in `CUDA_VISIBLE_DEVICES`, one of them: a number, or the beginning of a uuid. */
export function findGpu(gpus: Gpu[], visible: string): Gpu | undefined {
  return gpus.find(({ index, uuid }) => String(index) === visible || (visible !== '' && uuid.startsWith(visible)));
}
