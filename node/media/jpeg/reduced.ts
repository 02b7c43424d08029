import type { Pixels } from '#core/media/resize.ts';
import { instantiate } from '#core/media/simd/instantiate.ts';
import { binary } from './binary.ts';
import { type JpegHeader, readJpegHeader } from './header.ts';

/** What `reduced.as.ts` exports, described there. Addresses are bytes of its memory. */
interface Decoder {
  memory: WebAssembly.Memory;
  scratch(): number;
  huffman(place: number): number;
  component(
    ...args: [i: number, across: number, down: number, width: number, height: number, dc: number, ac: number]
  ): void;
  begin(bytes: number): number;
  decode(count: number, unitsAcross: number, unitsDown: number, restartUnits: number): number;
  colours(
    ...args: [planes: number, count: number, planeBytes: number, stride: number, width: number, height: number]
  ): number;
}

let decoder: Decoder | undefined;
/** A larger memory is not kept: it came of a picture of some 20 million pixels. */
const mostKeptBytes = 8 * 2 ** 20;

/**
 * Decodes a JPEG at an eighth of its size, where a pixel is the mean of a block's 8 × 8: of a block's codes most are only passed over. (At a
 * quarter libjpeg, which computes with larger vectors, is the faster one.)
 *
 * @returns RGB; null where it is unusual or damaged, which others decode or say why not.
 */
export function decodeReduced(bytes: Uint8Array): Pixels | null {
  const header = readJpegHeader(bytes);
  const most = header && unitOf(header);
  if (!header || !most) return null;
  // Turned, what has less than a whole block would stand first, not last.
  if (header.orientation !== 1 && (header.width % 8 !== 0 || header.height % 8 !== 0)) return null;
  decoder ??= instantiate<Decoder>(binary);
  try {
    return decodeWith(decoder, bytes, { header, most });
  } finally {
    if (decoder.memory.buffer.byteLength > mostKeptBytes) decoder = undefined;
  }
}

/** @returns the blocks of a unit, of the component that has most; null: others have no whole fraction of them. */
function unitOf({ components }: JpegHeader): { across: number; down: number } | null {
  const across = Math.max(...components.map((one) => one.across));
  const down = Math.max(...components.map((one) => one.down));
  const [first] = components;
  const isUsual = components.every(
    (one) => [1, 2, 4].includes(across / one.across) && [1, 2, 4].includes(down / one.down),
  );
  return first?.across === across && first.down === down && isUsual ? { across, down } : null;
}

interface Plan {
  header: JpegHeader;
  most: { across: number; down: number };
}

function decodeWith(decoder: Decoder, bytes: Uint8Array, { header, most }: Plan): Pixels | null {
  const { width, height, components, restartUnits, orientation } = header;
  const table = decoder.scratch();
  for (const [place, codes] of header.huffman.entries()) {
    if (!codes) continue;
    new Uint8Array(decoder.memory.buffer, table).set(codes);
    if (!decoder.huffman(place)) return null;
  }
  for (const [i, { across, down, quantisation, dc, ac }] of components.entries()) {
    new Uint16Array(decoder.memory.buffer, table).set(header.quantisation[quantisation] as Uint16Array);
    // What has fewer blocks gives as many pixels: each of them more.
    decoder.component(i, across, down, most.across / across, most.down / down, dc, ac);
  }
  const coded = bytes.subarray(header.scanStart);
  const input = decoder.begin(coded.length);
  new Uint8Array(decoder.memory.buffer, input).set(coded);
  const unitsAcross = Math.ceil(width / (8 * most.across));
  const unitsDown = Math.ceil(height / (8 * most.down));
  const planes = decoder.decode(components.length, unitsAcross, unitsDown, restartUnits);
  if (planes === 0) return null;
  const stride = unitsAcross * most.across;
  const size = { width: Math.ceil(width / 8), height: Math.ceil(height / 8) };
  const planeBytes = stride * unitsDown * most.down;
  const pixels = decoder.colours(planes, components.length, planeBytes, stride, size.width, size.height);
  const data = new Uint8Array(decoder.memory.buffer, pixels, 3 * size.width * size.height);
  return turned({ data, ...size, whole: { width, height, fraction: 1 / 8 } }, orientation);
}

/** @returns a copy, as people see it. */
function turned({ data, width, height, whole }: Required<Pixels>, orientation: number): Pixels {
  if (orientation === 1) return { data: data.slice(), width, height, whole };
  const liesOnSide = orientation >= 5;
  const isMirrored = [2, 3, 7, 8].includes(orientation);
  const isUpsideDown = [3, 4, 6, 7].includes(orientation);
  const seen = liesOnSide ? { width: height, height: width } : { width, height };
  const copy = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < seen.height; y++) {
    for (let x = 0; x < seen.width; x++, to += 3) {
      const [column, row] = liesOnSide ? [y, x] : [x, y];
      const from = 3 * ((isUpsideDown ? height - 1 - row : row) * width + (isMirrored ? width - 1 - column : column));
      copy[to] = data[from] as number;
      copy[to + 1] = data[from + 1] as number;
      copy[to + 2] = data[from + 2] as number;
    }
  }
  const seenWhole = liesOnSide ? { ...whole, width: whole.height, height: whole.width } : whole;
  return { data: copy, ...seen, whole: seenWhole };
}
