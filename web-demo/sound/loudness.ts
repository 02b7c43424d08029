/** Root mean square, in [0, 1]. */
export function loudness(block: Float32Array): number {
  return Math.sqrt(block.reduce((sum, sample) => sum + sample * sample, 0) / block.length);
}

/** Root mean square → share of a bar that spans the 60 dB below full scale. */
export function meterShare(level: number): number {
  return Math.min(1, Math.max(0, 1 + Math.log10(Math.max(level, 1e-9)) / 3));
}
