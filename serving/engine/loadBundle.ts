import { expectGolden } from '#core/bundle/golden/check.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { inBuckets, sessionSizes, warmBuckets } from './batchBuckets.ts';
import { createEncoder, type Encoder } from './encoder.ts';
import { createMediaDecoder, type MediaDecoder } from './media.ts';
import { digestOf } from './models.ts';
import type { BundleToLoad, Costs, WorkerSetup } from './protocol.ts';

export interface LoadedBundle {
  bundle: Bundle;
  media: MediaDecoder;
  encoder: Encoder;
  costs: Costs;
}

/**
 * Loads a bundle, has it give its trainer's numbers again, which warms its graphs up too, and measures what a row costs.
 *
 * @param bundle `digest`: of the manifest that it must have; default any.
 * @throws {InputError} for a bundle that is damaged, is another than was read, or computes something else.
 */
export async function loadBundle(
  { folder, variant, digest }: Pick<BundleToLoad, 'folder' | 'variant'> & { digest?: string },
  { threads, limits, provider }: Omit<WorkerSetup, 'bundles'>,
): Promise<LoadedBundle> {
  const isCuda = provider === 'cuda';
  const opened = await openBundleFolder(folder, { threads, variant, provider, ...(isCuda && { sessionSizes }) });
  // Else a worker that takes another's place would compute something else than the others and what is cached.
  if (digest !== undefined && digestOf(opened.manifest) !== digest) {
    throw new InputError(
      `The bundle in ${folder} was changed after it was read. Have the models read anew: SIGHUP, or POST /v1/reload.`,
    );
  }
  const bundle = isCuda ? { ...opened, run: inBuckets(opened) } : opened;
  await expectGolden(bundle, folder);
  if (isCuda) await warmBuckets(bundle);
  return {
    bundle,
    media: createMediaDecoder(bundle.manifest, limits),
    encoder: createEncoder(bundle, { maxWindows: limits.windows }),
    costs: await measure(bundle),
  };
}

async function measure({ manifest, run }: Bundle): Promise<Costs> {
  const { audio, image } = manifest.input;
  const waveform = new Float32Array(audio?.samples ?? 0);
  const pixels = new Uint8Array((image?.width ?? 0) * (image?.height ?? 0) * 3);
  return {
    windowMs: audio ? await timeOf(() => run('audio', { waveform }, ['audio_embedding'])) : 0,
    imageMs: image ? await timeOf(() => run('image', { image: pixels }, ['image_embedding'])) : 0,
  };
}

/** The faster of two: the first of a shape prepares memory. */
async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 2; i++) {
    const startMs = performance.now();
    await run();
    times.push(performance.now() - startMs);
  }
  return Math.min(...times);
}
