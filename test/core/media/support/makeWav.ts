interface WavOptions {
  channels: ArrayLike<number>[];
  sampleRate?: number;
  /** Of the encoding: 1 PCM, 3 float, 0xfffe extensible PCM. */
  tag?: number;
  bits?: number;
  frameBytes?: number;
}

/** A wav file of any kind, also of kinds that no program writes. */
export function makeWav({ channels, sampleRate = 8000, tag = 1, bits = 16, frameBytes }: WavOptions): Uint8Array {
  const [frames, sampleBytes] = [channels[0]?.length ?? 0, bits / 8];
  const formatBytes = tag === 0xfffe ? 40 : 16;
  const dataBytes = frames * channels.length * sampleBytes;
  const file = Buffer.alloc(28 + formatBytes + dataBytes);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(formatBytes, 16);
  file.writeUInt16LE(tag, 20);
  file.writeUInt16LE(channels.length, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt16LE(frameBytes ?? channels.length * sampleBytes, 32);
  file.writeUInt16LE(bits, 34);
  if (tag === 0xfffe) file.writeUInt16LE(1, 44);
  file.write('data', 20 + formatBytes);
  file.writeUInt32LE(dataBytes, 24 + formatBytes);
  for (let frame = 0, at = 28 + formatBytes; frame < frames; frame++) {
    for (const channel of channels) {
      const value = channel[frame] as number;
      if (tag === 3) bits === 32 ? file.writeFloatLE(value, at) : file.writeDoubleLE(value, at);
      else file.writeIntLE(Math.round(value * 2 ** (bits - 1)), at, sampleBytes);
      at += sampleBytes;
    }
  }
  return new Uint8Array(file);
}
