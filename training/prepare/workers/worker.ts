import { parentPort, workerData } from 'node:worker_threads';
import { kinds } from '../kinds/index.ts';
import type { DecodedItem, Item, Waveform } from '../kinds/kind.ts';
import { encodeWav } from '../media/wav.ts';
import type { EncodedClip, Prepared, WorkerSetup } from './protocol.ts';

/** Decodes one item after the other. Whatever is wrong with one is its answer, and never ends the thread. */
const { kind: kindName, settings } = workerData as WorkerSetup;
const kind = kinds[kindName];

/** −60 dB: quieter than the noise of any room that was recorded on purpose. */
const silentPeak = 1e-3;

parentPort?.on('message', async (item: Item) => {
  parentPort?.postMessage(await prepare(item));
});

async function prepare(item: Item): Promise<Prepared> {
  try {
    const { clips, skipped } = await kind.decode(item, settings);
    // Silence belongs to every picture and to none; a set to classify is kept as it is.
    const isUsable = ({ sound }: DecodedItem['clips'][number]) => kind.pairing === 'none' || !sound || !isSilent(sound);
    const silent = clips
      .filter((clip) => !isUsable(clip))
      .map((clip) => ({ file: nameOf(item, clip), reason: 'It is silent.', broken: false }));
    return { clips: clips.filter(isUsable).map(encode), skipped: [...skipped, ...silent] };
  } catch (error) {
    return { clips: [], skipped: [{ file: item.id, reason: (error as Error).message, broken: true }] };
  }
}

function isSilent({ waveform }: Waveform): boolean {
  return waveform.every((sample) => Math.abs(sample) < silentPeak);
}

function nameOf({ id }: Item, { sound }: DecodedItem['clips'][number]): string {
  return sound && sound.startSeconds > 0 ? `${id} from ${sound.startSeconds.toFixed(1)} s` : id;
}

function encode({ sound, pictures }: DecodedItem['clips'][number]): EncodedClip {
  if (!sound) return { sound, pictures };
  const { waveform, startSeconds } = sound;
  const seconds = waveform.length / settings.sampleRate;
  return { sound: { wav: encodeWav(waveform, settings.sampleRate), seconds, startSeconds }, pictures };
}
