import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { openPreparedSplit } from '#node/datasets/preparedSplit.ts';
import type { Projection } from '../../model/matchHead.ts';
import type { Network } from '../../model/network.ts';
import type { CorrespondenceConfig } from '../config.ts';
import { canonicalCorrelations } from './correlations.ts';
import { type EncodeClipsOptions, encodeClips } from './encodeClips.ts';
import { momentsOfCategories, momentsOfClips, type PairMoments, poolMoments } from './pairMoments.ts';

/**
 * The canonical correlations of what a network's branches give for the training pairs of a run's dataset, and of the other that it names.
 *
 * @throws {InputError} for digits, which are drawn anew for each batch, and for a dataset of sounds or pictures alone.
 */
export async function correlationsOf(
  network: Network,
  { data, canonical: { ridge, also, share } }: CorrespondenceConfig,
  output: ProgressOutput,
): Promise<Record<'audio' | 'image', Projection>> {
  if (data.kind === 'digits') {
    throw new InputError(
      'Expected a prepared dataset for matchHead=canonical but the data are digits. Name one with --data.',
    );
  }
  const { workers, ahead } = data;
  const own = await momentsIn(data.folder, network, { workers, ahead, output });
  const moments =
    also === null ? own : poolMoments(own, await momentsIn(also, network, { workers, ahead, output }), share);
  return canonicalCorrelations(moments, { ridge, units: network.config.headUnits }).projections;
}

async function momentsIn(
  folder: string,
  network: Network,
  loading: Omit<EncodeClipsOptions, 'shards'>,
): Promise<PairMoments> {
  const { info, shards, lines } = await openPreparedSplit(folder, 'train');
  if (info.pairing === 'none')
    throw new InputError(`Expected sounds with pictures in ${folder} but it has only the ones or the others.`);
  const clips = await encodeClips(network, lines, { ...loading, shards });
  if (info.pairing === 'same-category') return momentsOfCategories(clips);
  return momentsOfClips(clips.filter(({ sounds, pictures }) => sounds.length > 0 && pictures.length > 0));
}
