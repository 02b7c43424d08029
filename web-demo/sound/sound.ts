export interface Sound {
  /** `[N]` float32 in [-1, 1], mono. */
  waveform: Float32Array;
  sampleRate: number; // Hz
}

export function secondsOf({ waveform, sampleRate }: Sound): number {
  return waveform.length / sampleRate;
}
