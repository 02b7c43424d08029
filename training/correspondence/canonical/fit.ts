import type { Pairing } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { openPreparedSplit } from '#node/datasets/preparedSplit.ts';
import { checkRate } from '../../data/checkRate.ts';
import type { Projection } from '../../model/matchHead.ts';
import type { Network } from '../../model/network.ts';
import type { CorrespondenceConfig } from '../config.ts';
import { canonicalCorrelations } from './correlations.ts';
import { branchesOf, type EncodeClipsOptions, type EncodedClip, encodeClips } from './encodeClips.ts';
import { meanVariance, momentsOfCategories, momentsOfClips, type PairMoments, poolMoments } from './pairMoments.ts';

/**
 * The canonical correlations of what a network's branches give for the training pairs of a run's dataset, and of the other that it names.
 *
 * @throws {InputError} for digits, which are drawn anew for each batch; for a dataset of sounds or pictures alone, at another rate than the
 *   network's, or without training pairs that differ.
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
  checkRate(info, { ...network.config.spectrogram, folder });
  const clips = await encodeClips(branchesOf(network), lines, { ...loading, shards });
  const moments = momentsOf(clips, info.pairing);
  if (moments && meanVariance(moments.audio) > 0 && meanVariance(moments.image) > 0) return moments;
  throw new InputError(
    `Expected training pairs in ${folder} whose sounds and whose pictures differ, to correlate them, but ` +
      `${moments ? 'to the branches one side is all alike' : 'there are none'}.`,
  );
}

/** @returns null: nothing belongs together. */
function momentsOf(clips: EncodedClip[], pairing: Pairing): PairMoments | null {
  const [heard, seen] = [
    clips.filter(({ sounds }) => sounds.length > 0),
    clips.filter(({ pictures }) => pictures.length > 0),
  ];
  if (pairing === 'same-category') {
    const known = new Set(heard.flatMap(({ clip }) => clip.categories));
    return seen.some(({ clip }) => clip.categories.some((one) => known.has(one))) ? momentsOfCategories(clips) : null;
  }
  const whole = heard.filter(({ pictures }) => pictures.length > 0);
  return whole.length > 0 ? momentsOfClips(whole) : null;
}
