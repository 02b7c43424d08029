/** @returns the last `samples` of blocks that follow each other, or all where there are fewer. */
export function lastSamples(blocks: readonly Float32Array[], samples: number): Float32Array {
  const length = Math.min(
    Math.round(samples),
    blocks.reduce((sum, block) => sum + block.length, 0),
  );
  const waveform = new Float32Array(length);
  let at = length;
  for (let i = blocks.length - 1; i >= 0 && at > 0; i--) {
    const block = blocks[i] as Float32Array;
    const kept = block.subarray(Math.max(0, block.length - at));
    at -= kept.length;
    waveform.set(kept, at);
  }
  return waveform;
}
