import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { formatSeconds, type ProgressOutput } from '#core/progress.ts';
import { isOnnxRuntimeCudaCached, provideOnnxRuntimeCuda } from '#node/onnxRuntimeCuda.ts';
import type { WheelSet } from '#node/wheels/wheel.ts';
import { provideLoaderAddon } from '../data/loader/addon.ts';
import { addonPath, linkedAddonFolder, tfjsFolder } from './addonPath.ts';
import { provideTensorFlow } from './provide.ts';
import type { Device, SetupReport } from './setupReport.ts';
import { installWithTfjs } from './tfjsInstall.ts';
import { builds, tensorflowVersion } from './wheels.ts';

export interface SetupOptions {
  /** What TensorFlow computes on; null: as it is set up already, and the processor where it is not. */
  device: Device | null;
  cacheFolder: string;
  output: ProgressOutput;
}

/** `npx clapper setup`: a download of 274 MB and half a minute the first time, a moment after that. */
export async function setUp(options: SetupOptions): Promise<SetupReport> {
  const report = await setUpTensorFlow(options);
  if (process.platform === 'linux') await provideLoaderAddon(options.cacheFolder, options.output);
  if (options.device === 'gpu' || isOnnxRuntimeCudaCached(options.cacheFolder)) await provideOnnxRuntimeCuda(options);
  return report;
}

async function setUpTensorFlow({ device: asked, cacheFolder, output }: SetupOptions): Promise<SetupReport> {
  const startMs = performance.now();
  const packageFolder = tfjsFolder();
  const { cpu, gpu } = builds[platform()] ?? {};
  if (!cpu) return installWithTfjs({ device: asked ?? 'cpu', packageFolder, output });

  const device = asked ?? currentDevice(gpu, { packageFolder, cacheFolder });
  const build = device === 'gpu' ? gpu : cpu;
  if (!build) {
    throw new InputError(
      `--gpu needs Linux on x64, for which there are CUDA builds; this is ${platform()}. Leave it out.`,
    );
  }
  await provideTensorFlow(build, { packageFolder, cacheFolder, output });

  const seconds = (performance.now() - startMs) / 1000;
  const what = `TensorFlow ${tensorflowVersion}${device === 'gpu' ? ' with CUDA' : ''}`;
  output.write(seconds < 2 ? `${what} is set up.\n` : `${what} is set up, in ${formatSeconds(seconds)}.\n`);
  return { tensorflow: tensorflowVersion, device, addon: addonPath(packageFolder), seconds };
}

/** As Node names it; Linux without glibc, which TensorFlow is built for, is another. */
function platform(): string {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return name;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ? name : `${name}-musl`;
}

interface Folders {
  packageFolder: string;
  cacheFolder: string;
}

function currentDevice(gpu: WheelSet | undefined, { packageFolder, cacheFolder }: Folders): Device {
  if (!gpu) return 'cpu';
  const linked = linkedAddonFolder(packageFolder);
  const isGpu = linked ? linked.includes(gpu.name) : existsSync(join(cacheFolder, gpu.name)); // node_modules may be new
  return isGpu ? 'gpu' : 'cpu';
}
