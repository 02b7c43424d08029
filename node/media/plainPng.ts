import { crc32, inflateSync } from 'node:zlib';
import { textAt, viewOf } from '#core/media/formats/bytes.ts';
import type { Pixels } from '#core/media/resize.ts';

/** sharp hands each picture to two other threads, which takes longer than all the work on one as small as this. */
const maxPixels = 128 * 128;

/** Channels by colour type: grey, RGB, palette, grey with alpha, RGB with alpha (PNG 3rd edition, 11.2.1). */
const channelsOf: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Of these chunks the colours depend, which are sharp's to work out. */
const colourChunks = new Set(['gAMA', 'cHRM', 'iCCP', 'sBIT', 'cICP', 'eXIf']);

/**
 * Decodes a small PNG in this thread: 8 bits a sample, not interlaced, without colour profile.
 *
 * @returns its pixels; null for any other, and for one that is damaged, which sharp decodes or says why not.
 */
export function decodePlainPng(bytes: Uint8Array): Pixels | null {
  const view = viewOf(bytes);
  if (bytes.length < 45 || view.getUint32(8) !== 13) return null;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const isPlain = bytes[24] === 8 && bytes[26] === 0 && bytes[27] === 0 && bytes[28] === 0; // bits, compression, filter, interlace
  const channels = channelsOf[bytes[25] as number];
  if (!isPlain || !channels) return null;
  if (width * height === 0 || width * height > maxPixels) return null;
  const chunks = readChunks(bytes, view);
  if (!chunks) return null;
  const raw = inflate(chunks.data, height * (1 + width * channels));
  if (!raw || !unfilter(raw, { height, rowBytes: width * channels, channels })) return null;
  return toPixels(raw, { width, height, channels, chunks });
}

interface Chunks {
  data: Uint8Array[];
  palette: Uint8Array | null;
  transparency: Uint8Array | null;
}

function readChunks(bytes: Uint8Array, view: DataView): Chunks | null {
  const chunks: Chunks = { data: [], palette: null, transparency: null };
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) return null;
    const name = textAt(bytes, at + 4, 4);
    if (colourChunks.has(name) || crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) return null;
    const content = bytes.subarray(at + 8, end);
    if (name === 'IDAT') chunks.data.push(content);
    if (name === 'PLTE') chunks.palette = content;
    if (name === 'tRNS') chunks.transparency = content;
    if (name === 'IEND') return chunks;
    at = end + 4;
  }
  return null;
}

function inflate(data: Uint8Array[], length: number): Uint8Array | null {
  try {
    const raw = inflateSync(data.length === 1 ? (data[0] as Uint8Array) : Buffer.concat(data), {
      maxOutputLength: length,
      chunkSize: Math.max(64, length), // else room for 16 kB is made each time
    });
    return raw.length === length ? raw : null;
  } catch {
    return null;
  }
}

interface Rows {
  height: number;
  rowBytes: number;
  /** Bytes of one pixel. */
  channels: number;
}

/** Undoes the filter of each row in place (PNG 3rd edition, 9.2). @returns false for a filter that there is not. */
function unfilter(raw: Uint8Array, { height, rowBytes, channels }: Rows): boolean {
  const stride = 1 + rowBytes;
  for (let y = 0; y < height; y++) {
    const kind = raw[y * stride] as number;
    const start = y * stride + 1;
    if (kind > 4) return false;
    if (kind === 0) continue;
    for (let i = 0; i < rowBytes; i++) {
      const at = start + i;
      const left = i >= channels ? (raw[at - channels] as number) : 0;
      const above = y > 0 ? (raw[at - stride] as number) : 0;
      const aboveLeft = y > 0 && i >= channels ? (raw[at - stride - channels] as number) : 0;
      let predicted = left;
      if (kind === 2) predicted = above;
      else if (kind === 3) predicted = (left + above) >> 1;
      else if (kind === 4) predicted = paeth(left, above, aboveLeft);
      raw[at] = (raw[at] as number) + predicted;
    }
  }
  return true;
}

function paeth(left: number, above: number, aboveLeft: number): number {
  const estimate = left + above - aboveLeft;
  const toLeft = Math.abs(estimate - left);
  const toAbove = Math.abs(estimate - above);
  const toAboveLeft = Math.abs(estimate - aboveLeft);
  if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
  return toAbove <= toAboveLeft ? above : aboveLeft;
}

interface Layout {
  width: number;
  height: number;
  channels: number;
  chunks: Chunks;
}

/** @returns RGB, or RGBA where something may be transparent; null for what contradicts itself. */
function toPixels(raw: Uint8Array, { width, height, channels, chunks }: Layout): Pixels | null {
  const { palette, transparency } = chunks;
  const isPalette = channels === 1 && palette !== null;
  const isGrey = channels < 3;
  if (transparency && !isPalette) return null; // one colour that is transparent: rare
  const hasAlpha = channels === 2 || channels === 4 || transparency !== null;
  const outChannels = hasAlpha ? 4 : 3;
  const data = new Uint8Array(width * height * outChannels);
  const colours = palette ? palette.length / 3 : 0;
  for (let y = 0, to = 0, from = 0; y < height; y++) {
    from++; // the row's filter
    for (let x = 0; x < width; x++, from += channels, to += outChannels) {
      const first = raw[from] as number;
      if (isPalette) {
        if (first >= colours) return null;
        for (let c = 0; c < 3; c++) data[to + c] = (palette as Uint8Array)[3 * first + c] as number;
        if (transparency) data[to + 3] = transparency[first] ?? 255;
      } else {
        data[to] = first;
        data[to + 1] = isGrey ? first : (raw[from + 1] as number);
        data[to + 2] = isGrey ? first : (raw[from + 2] as number);
        if (hasAlpha) data[to + 3] = raw[from + channels - 1] as number;
      }
    }
  }
  return { data, width, height };
}
