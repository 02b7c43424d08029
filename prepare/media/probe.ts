import { z } from 'zod';
import { parseJson } from '#core/json.ts';
import type { FileRef } from '../files/tree.ts';
import { inputOf, runFfmpeg } from './ffmpeg.ts';

const flag = z.number().optional();
const streamSchema = z.object({
  index: z.number(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  sample_aspect_ratio: z.string().optional(),
  field_order: z.string().optional(),
  color_transfer: z.string().optional(),
  channels: z.number().optional(),
  disposition: z
    .object({
      default: flag,
      attached_pic: flag,
      comment: flag,
      visual_impaired: flag,
      hearing_impaired: flag,
      still_image: flag,
    })
    .optional(),
  tags: z.record(z.string(), z.string()).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
});
type Stream = z.infer<typeof streamSchema>;
const probeSchema = z.object({ streams: z.array(streamSchema).optional() });

export interface VideoTrack {
  /** In the file. */
  index: number;
  /** As people see it: turned, with square pixels. */
  size: { width: number; height: number };
  isInterlaced: boolean;
  /** Brighter and wider colours than sRGB's, as phones film them (HLG, PQ). */
  isHdr: boolean;
}

export interface SoundTrack {
  index: number;
  channels: number;
}

export interface VideoFacts {
  /** null: there are no pictures, but perhaps a cover. */
  picture: VideoTrack | null;
  sound: SoundTrack | null;
  /** The tracks that were not chosen, for people. */
  others: string[];
}

/** Of several tracks of one kind, the one that players choose: the default one, comments and descriptions last. */
export async function probeVideo(file: FileRef): Promise<VideoFacts> {
  const parts: Buffer[] = [];
  await runFfmpeg({
    program: 'ffprobe',
    args: ['-v', 'error', '-show_streams', '-of', 'json', '-i', inputOf(file)],
    take: [(part) => void parts.push(part)],
  });
  const { streams = [] } = parseJson(
    probeSchema,
    Buffer.concat(parts).toString('utf8'),
    `what ffprobe says of ${file.name}`,
  );
  // FFmpeg takes text for pictures of letters.
  const isPicture = ({ codec_type, codec_name, disposition, width }: Stream) =>
    codec_type === 'video' && codec_name !== 'ansi' && width && !disposition?.attached_pic;
  const pictures = streams.filter(isPicture).sort(byPreference);
  const sounds = streams
    .filter(({ codec_type, channels }) => codec_type === 'audio' && channels !== 0)
    .sort(byPreference);
  const others = [...pictures.slice(1), ...sounds.slice(1)];
  return {
    picture: pictures[0] ? describePicture(pictures[0]) : null,
    sound: sounds[0] ? { index: sounds[0].index, channels: sounds[0].channels ?? 1 } : null,
    others: others.map(({ index, codec_type, tags }) => {
      const language = tags?.language && tags.language !== 'und' ? `, ${tags.language}` : '';
      return `track ${index} (${codec_type === 'audio' ? 'sound' : 'pictures'}${language})`;
    }),
  };
}

function byPreference(a: Stream, b: Stream): number {
  const order = ({ disposition: d }: Stream) =>
    (d?.comment || d?.visual_impaired || d?.hearing_impaired || d?.still_image ? 2 : 0) + (d?.default ? 0 : 1);
  return order(a) - order(b) || a.index - b.index;
}

function describePicture({ index, width = 1, height = 1, ...stream }: Stream): VideoTrack {
  const [across, down] = (stream.sample_aspect_ratio ?? '').split(':').map(Number);
  const square = across && down ? Math.round((width * across) / down) : width;
  const rotation = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  const isOnSide = Math.abs(rotation) % 180 === 90;
  return {
    index,
    size: isOnSide ? { width: height, height: square } : { width: square, height },
    isInterlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order ?? ''),
    isHdr: ['smpte2084', 'arib-std-b67'].includes(stream.color_transfer ?? ''),
  };
}
