import type { Tools } from '../tools.ts';

/** ESC-50 at its own rate: nothing is resampled. */
export function esc50(tools: Tools): Promise<string> {
  return tools.dataset('esc50', ['esc50', '--from', tools.collection('esc50'), '--sample-rate', '44100']);
}

/** What a network for 5 s at 44.1 kHz hears: frames of 40 ms, each half of the one before. */
export const at44100Hz = ['sampleRate=44100', 'windowLength=1764', 'hopLength=882', 'nFft=1764'].flatMap((setting) => [
  '--set',
  setting,
]);
