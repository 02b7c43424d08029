import type { Clip, IndexLine } from '#core/datasets/prepared.ts';
import { windowStarts } from '#core/media/windows.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { type EncodeOptions, encodeExamples } from '../../classify/encodeExamples.ts';
import { type RowEncoder, rowEncoder } from '../../classify/encoder.ts';
import { noAugmentation } from '../../data/loader/augmentation.ts';
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
  /** A picture's row is the mean over so many parts of it, half of them mirrored, which chance places; 1, the default: its middle alone. */
  views?: number;
}

const hopSeconds = 1;

/** What hears and what sees. */
export type ClipEncoders = Record<'audio' | 'image', RowEncoder>;

/** As the exported graphs do it. */
export function branchesOf({ audio, image, config, frontends }: Network): ClipEncoders {
  return {
    audio: rowEncoder({ sense: 'audio', branch: audio, config, frontends }),
    image: rowEncoder({ sense: 'image', branch: image, config, frontends }),
  };
}

/** Every window of every clip's sound, and every picture. */
export async function encodeClips(
  encoders: ClipEncoders,
  lines: readonly IndexLine[],
  { output, views = 1, ...loading }: EncodeClipsOptions,
): Promise<EncodedClip[]> {
  const encode = async (sense: 'audio' | 'image', of: IndexLine[], augmenting: Augmenting = {}) => {
    const examples = of.map((line) => ({ line, category: 0 }));
    const label = { audio: 'clip heard', image: 'clip seen' }[sense];
    const progress = startProgress({ label, total: of.length, output });
    const onEncoded = (count: number) => progress.update(count);
    const { embeddings, owners } = await encodeExamples(encoders[sense], examples, {
      ...loading,
      ...augmenting,
      hopSeconds,
      onEncoded,
    });
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
  const withPictures = lines.filter(({ pictures }) => pictures.length > 0);
  const anyPart = { ...noAugmentation, randomCrop: true, flip: true };
  const seen: Map<Clip, Float32Array[]>[] = [];
  for (let seed = 0; seed < views; seed++)
    seen.push(await encode('image', withPictures, views > 1 ? { augmented: { augmentation: anyPart, seed } } : {}));
  const nearest = nearestWindow(encoders.audio);
  return lines.map(({ clip }) => ({
    clip,
    sounds: heard.get(clip) ?? [],
    pictures: clip.pictures.map((_, i) => ({
      row: meanOf(seen.map((rows) => rows.get(clip)?.[i] as Float32Array)),
      window: nearest(clip, i),
    })),
  }));
}

type Augmenting = Pick<EncodeOptions, 'augmented'>;

function meanOf(rows: Float32Array[]): Float32Array {
  return Float32Array.from(
    rows[0] ?? [],
    (_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length,
  );
}

function nearestWindow({ config }: RowEncoder): (clip: Clip, picture: number) => number {
  const { sampleRate, samples } = config.spectrogram;
  return ({ sound, pictures }, picture) => {
    const time = pictures[picture]?.timeSeconds ?? null;
    if (!sound || time === null) return 0;
    const starts = windowStarts(Math.round(sound.seconds * sampleRate), { sampleRate, samples, hopSeconds });
    const distances = starts.map((start) => Math.abs((start + samples / 2) / sampleRate - time));
    return distances.indexOf(Math.min(...distances));
  };
}
