/**
 * @param waveform `[N]` float32 in [-1, 1], mono; louder samples are cut off at full scale.
 * @param sampleRate Hz.
 * @returns a WAV file of 16-bit PCM: a header of 44 bytes, then the samples.
 */
export function encodeWav(waveform: Float32Array, sampleRate: number): Uint8Array<ArrayBuffer> {
  const dataBytes = 2 * waveform.length;
  const file = new Uint8Array(44 + dataBytes);
  const view = new DataView(file.buffer);
  const text = (at: number, letters: string) => file.set(new TextEncoder().encode(letters), at);
  text(0, 'RIFF');
  view.setUint32(4, 36 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true); // bytes of the format that follows
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a frame
  view.setUint16(34, 16, true); // bits a sample
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  for (let n = 0; n < waveform.length; n++) {
    const sample = Math.round((waveform[n] as number) * 32768);
    view.setInt16(44 + 2 * n, Math.max(-32768, Math.min(32767, sample)), true);
  }
  return file;
}
