import { parentPort, workerData } from 'node:worker_threads';
import { encodeWav } from '#core/media/encodeWav.ts';
import { type Print, printPicture, printSound } from '../copies/prints.ts';
import { kinds } from '../kinds/index.ts';
import type { DecodedItem, Item, Waveform } from '../kinds/kind.ts';
import { heardPart } from '../media/silence.ts';
import type { ClipPrints, EncodedClip, Prepared, WorkerSetup } from './protocol.ts';

type DecodedClip = DecodedItem['clips'][number];

/** Decodes one item after the other. Whatever is wrong with one is its answer, and never ends the thread. */
const { kind: kindName, settings } = workerData as WorkerSetup;
const kind = kinds[kindName];

parentPort?.on('message', async (item: Item) => {
  parentPort?.postMessage(await prepare(item));
});

async function prepare(item: Item): Promise<Prepared> {
  try {
    const { clips, skipped } = await kind.decode(item, settings);
    const prepared: Prepared = { clips: [], skipped };
    for (const clip of clips) {
      const heard = kind.pairing === 'none' ? clip : withoutSilence(clip);
      if (heard) prepared.clips.push(await encode(heard));
      else prepared.skipped.push({ file: nameOf(item, clip), reason: 'It is silent.', broken: false });
    }
    return prepared;
  } catch (error) {
    return { clips: [], skipped: [{ file: item.id, reason: (error as Error).message, broken: true }] };
  }
}

/** Silence belongs to every picture and to none: in a mismatched pair it would be right as well. null: it is all silence. */
function withoutSilence({ sound, pictures }: DecodedClip): DecodedClip | null {
  if (!sound) return { sound, pictures };
  const { waveform, startSeconds } = sound;
  const part = heardPart(waveform, settings.sampleRate);
  if (!part) return null;
  if (pictures.some(({ timeSeconds }) => timeSeconds !== null)) return { sound, pictures };
  const { start, end } = part;
  const heard: Waveform = {
    waveform: waveform.subarray(start, end),
    startSeconds: startSeconds + start / settings.sampleRate,
  };
  return { sound: heard, pictures };
}

function nameOf({ id }: Item, { sound }: DecodedClip): string {
  return sound && sound.startSeconds > 0 ? `${id} from ${sound.startSeconds.toFixed(1)} s` : id;
}

async function encode({ sound, pictures }: DecodedClip): Promise<EncodedClip> {
  const prints = await printClip({ sound, pictures });
  if (!sound) return { sound, pictures, prints };
  const { waveform, startSeconds } = sound;
  const seconds = waveform.length / settings.sampleRate;
  return { sound: { wav: encodeWav(waveform, settings.sampleRate), seconds, startSeconds }, pictures, prints };
}

async function printClip({ sound, pictures }: DecodedClip): Promise<ClipPrints> {
  const inBase64 = (print: Print) => print && Buffer.from(print).toString('base64');
  const indices = [...new Set([0, pictures.length >> 1, pictures.length - 1])].filter((index) => pictures[index]);
  const ofPictures = indices.map(async (index) => ({
    index,
    print: inBase64(await printPicture((pictures[index] as DecodedClip['pictures'][number]).jpeg)),
  }));
  return {
    sound: sound && inBase64(printSound(sound.waveform, settings.sampleRate)),
    pictures: await Promise.all(ofPictures),
  };
}
