import { availableParallelism } from 'node:os';
import { linkedAddonFolder } from './addonPath.ts';
import { findGpu, type Gpu, listGpus } from './gpus.ts';
import { tf } from './load.ts';

export interface DeviceFacts {
  /** Whether TensorFlow found a GPU that it can use. */
  usesGpu: boolean;
  /** Whether the TensorFlow that is set up could use one. */
  hasCuda: boolean;
  /** Of the processor. */
  threads: number;
  /** Of the machine, used or not. */
  gpus: Gpu[];
  /** The GPU that TensorFlow may see, as in `CUDA_VISIBLE_DEVICES`. */
  visible: string;
  /** Of the GPU's matrix products, where it has it: TensorFlow's default. */
  allowsTf32: boolean;
}

/** What TensorFlow computes on here, in one line for people. */
export async function describeDevice(): Promise<string> {
  const { CUDA_VISIBLE_DEVICES, TF_NUM_INTRAOP_THREADS, NVIDIA_TF32_OVERRIDE } = process.env;
  return deviceLine({
    usesGpu: (tf.backend() as tf.KernelBackend & { isUsingGpuDevice: boolean }).isUsingGpuDevice,
    hasCuda: linkedAddonFolder()?.includes('gpu') ?? false,
    threads: Number(TF_NUM_INTRAOP_THREADS) || availableParallelism(),
    gpus: await listGpus(),
    visible: CUDA_VISIBLE_DEVICES ?? '',
    allowsTf32: NVIDIA_TF32_OVERRIDE !== '0',
  });
}

export function deviceLine({ usesGpu, hasCuda, threads, gpus, visible, allowsTf32 }: DeviceFacts): string {
  const gpu = findGpu(gpus, visible);
  if (!usesGpu) {
    const remedy = hasCuda ? 'TF_CPP_MIN_LOG_LEVEL=0 shows why not' : 'npx clapper setup --gpu';
    const unused = gpu ? `, and not on GPU ${gpu.index}, ${gpu.name}: ${remedy}` : '';
    return `Computing on the processor, ${threads} threads${unused}`;
  }
  if (!gpu) return `Computing on the GPU ${visible}`;
  const memory = `${Math.round(gpu.memoryMiB / 1024)} GiB`;
  const tf32 = gpu.computeCapability >= 8 && allowsTf32 ? ', products in TF32' : '';
  const others = gpus.length > 1 ? `. It is one of ${gpus.length}; CUDA_VISIBLE_DEVICES=N chooses another` : '';
  return `Computing on GPU ${gpu.index}, ${gpu.name} with ${memory}${tf32}${others}`;
}
