import type { Clip, IndexLine } from '#core/datasets/prepared.ts';
import { windowStarts } from '#core/media/windows.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { encodeExamples } from '../../classify/encodeExamples.ts';
import type { Network } from '../../model/network.ts';

/** What the branches give for a clip. */
export interface EncodedClip {
  clip: Clip;
  /** Of each window, one every second: `[D]`. */
  sounds: Float32Array[];
  /** `window`: of the clip's own sound the one whose middle is nearest; 0 where the clip has none. */
  pictures: { row: Float32Array; window: number }[];
}

export interface EncodeClipsOptions {
  /** Paths of the tar files, by number. */
  shards: string[];
  workers: number;
  ahead: number;
  output: ProgressOutput;
}

const hopSeconds = 1;

/** As the exported graphs do it, without augmentation. */
export async function encodeClips(
  network: Network,
  lines: readonly IndexLine[],
  { output, ...loading }: EncodeClipsOptions,
): Promise<EncodedClip[]> {
  const encode = async (sense: 'audio' | 'image', of: IndexLine[]) => {
    const { config, frontends } = network;
    const encoder = { sense, config, frontends, branch: network[sense] };
    const examples = of.map((line) => ({ line, category: 0 }));
    const label = { audio: 'clip heard', image: 'clip seen' }[sense];
    const progress = startProgress({ label, total: of.length, output });
    const onEncoded = (count: number) => progress.update(count);
    const { embeddings, owners } = await encodeExamples(encoder, examples, { ...loading, hopSeconds, onEncoded });
    progress.end();
    const rows = new Map(of.map(({ clip }): [Clip, Float32Array[]] => [clip, []]));
    for (const [i, owner] of owners.entries())
      rows.get((of[owner] as IndexLine).clip)?.push(embeddings[i] as Float32Array);
    return rows;
  };
  const heard = await encode(
    'audio',
    lines.filter(({ sound }) => sound),
  );
  const seen = await encode(
    'image',
    lines.filter(({ pictures }) => pictures.length > 0),
  );
  const nearest = nearestWindow(network);
  return lines.map(({ clip }) => ({
    clip,
    sounds: heard.get(clip) ?? [],
    pictures: (seen.get(clip) ?? []).map((row, i) => ({ row, window: nearest(clip, i) })),
  }));
}

function nearestWindow({ config }: Network): (clip: Clip, picture: number) => number {
  const { sampleRate, samples } = config.spectrogram;
  return ({ sound, pictures }, picture) => {
    const time = pictures[picture]?.timeSeconds ?? null;
    if (!sound || time === null) return 0;
    const starts = windowStarts(Math.round(sound.seconds * sampleRate), { sampleRate, samples, hopSeconds });
    const distances = starts.map((start) => Math.abs((start + samples / 2) / sampleRate - time));
    return distances.indexOf(Math.min(...distances));
  };
}
