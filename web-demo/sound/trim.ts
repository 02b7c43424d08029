import type { Waveform } from './sound.ts';

const frameSeconds = 0.02;
const marginSeconds = 0.06;

// Within a word the voice pauses for less: before the "t" of "eight", the "x" of "six".
const longestPauseSeconds = 0.25;

// Quieter frames than this below the loudest one are not speech: 30 dB, as root mean square.
const quietest = 10 ** (-30 / 20);

// Below -66 dB the microphone is muted or nobody spoke.
const silent = 10 ** (-66 / 20);

/** The part of a recording that was said. */
export interface Spoken extends Waveform {
  /** Silence is on both sides of it. */
  isWhole: boolean;
}

/**
 * Cuts the silence around what was said: the loudest stretch of a recording, pauses within a word included. The model
 * learned from recordings cut like this.
 *
 * @returns a part of it; null where nothing is to be heard.
 */
export function trimSilence({ waveform, sampleRate }: Waveform): Spoken | null {
  const length = Math.round(frameSeconds * sampleRate);
  const loudness = Array.from({ length: Math.floor(waveform.length / length) }, (_, i) => {
    const frame = waveform.subarray(i * length, (i + 1) * length);
    return Math.sqrt(frame.reduce((sum, sample) => sum + sample * sample, 0) / length);
  });
  const loudest = Math.max(...loudness);
  if (!(loudest > silent)) return null;
  // Steady noise is what a tenth of the frames stay below; speech stands 6 dB above it.
  const noise = loudness.toSorted((a, b) => a - b)[Math.floor(loudness.length / 10)] as number;
  const threshold = Math.min(Math.max(loudest * quietest, 2 * noise), loudest / 2);
  const centre = loudness.indexOf(loudest);
  const first = edgeOfSpeech(loudness, { centre, threshold, direction: -1 });
  const last = edgeOfSpeech(loudness, { centre, threshold, direction: 1 });
  const margin = marginSeconds * sampleRate;
  const start = Math.max(0, first * length - margin);
  const end = (last + 1) * length + margin;
  return { waveform: waveform.slice(start, end), sampleRate, isWhole: start > 0 && end < waveform.length };
}

/** The farthest frame above the threshold that no longer pause separates from the centre. */
function edgeOfSpeech(
  loudness: number[],
  { centre, threshold, direction }: { centre: number; threshold: number; direction: 1 | -1 },
): number {
  const longestPause = longestPauseSeconds / frameSeconds;
  let edge = centre;
  for (let i = centre; i >= 0 && i < loudness.length && Math.abs(i - edge) <= longestPause; i += direction) {
    if ((loudness[i] as number) >= threshold) edge = i;
  }
  return edge;
}
