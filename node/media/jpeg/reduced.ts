import type { Pixels } from '#core/media/resize.ts';
import { instantiate } from '#core/media/simd/instantiate.ts';
import { binary } from './binary.ts';
import { type JpegComponent, type JpegHeader, type JpegScan, readJpegHeader, readUpToScan } from './header.ts';
import { colourChange } from './profile.ts';

/** What `reduced.as.ts` exports, described there. Addresses are bytes of its memory. */
interface Decoder {
  memory: WebAssembly.Memory;
  scratch(): number;
  huffman(place: number): number;
  component(
    ...args: [i: number, across: number, down: number, width: number, height: number, dc: number, ac: number]
  ): void;
  begin(count: number, unitsAcross: number, unitsDown: number, isProgressive: number): void;
  take(bytes: number): number;
  decode(count: number, unitsAcross: number, unitsDown: number, restartUnits: number): number;
  decodeLowest(
    ...args: [
      parts: number,
      unitsAcross: number,
      unitsDown: number,
      restartUnits: number,
      isFirst: number,
      missing: number,
    ]
  ): number;
  fillPlanes(count: number, unitsAcross: number, unitsDown: number): void;
  colours(count: number, width: number, height: number): number;
}

let decoder: Decoder | undefined;
/** A larger memory is not kept: it came of a picture of some 20 million pixels. */
const mostKeptBytes = 8 * 2 ** 20;

/**
 * Decodes a JPEG at an eighth of its size, where a pixel is the mean of a block's 8 × 8: of a block's codes most are only passed over. (At a
 * quarter libjpeg, which computes with larger vectors, is the faster one.)
 *
 * @param least share of its size that is needed.
 * @returns RGB; null where it is unusual or damaged, which others decode or say why not.
 */
export function decodeReduced(bytes: Uint8Array, least = 1 / 8): Pixels | null {
  const read = least <= 1 / 8 ? readJpegHeader(bytes) : null;
  const most = read && unitOf(read.header);
  if (!most) return null;
  const { header } = read;
  // Turned, what has less than a whole block would stand first, not last.
  if (header.orientation !== 1 && (header.width % 8 !== 0 || header.height % 8 !== 0)) return null;
  // Of a progressive picture blocks' means alone are taken, and of a chroma of few blocks each mean is one of more pixels.
  if (header.isProgressive && least > 1 / (8 * coarsest(header, most))) return null;
  const change = header.profile && colourChange(header.profile);
  if (header.profile && (!change || header.components.length !== 3)) return null;
  decoder ??= instantiate<Decoder>(binary);
  try {
    const pixels = decodeWith(decoder, bytes, { ...read, most });
    if (pixels) change?.(pixels.data);
    return pixels;
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

/** @returns how many pixels at an eighth of the size a block stands for, across or down, at most. */
function coarsest({ components }: JpegHeader, most: { across: number; down: number }): number {
  return Math.max(...components.map((one) => Math.max(most.across / one.across, most.down / one.down)));
}

interface Plan {
  header: JpegHeader;
  scan: JpegScan;
  most: { across: number; down: number };
}

function decodeWith(decoder: Decoder, bytes: Uint8Array, plan: Plan): Pixels | null {
  const { header, most } = plan;
  const { width, height, components, isProgressive, orientation } = header;
  const count = components.length;
  const units = unitsOf(header, most);
  const isDecoded = isProgressive ? decodeScans(decoder, bytes, plan) : decodeScan(decoder, bytes, plan);
  if (!isDecoded) return null;
  if (isProgressive) decoder.fillPlanes(count, units.across, units.down);
  const size = { width: Math.ceil(width / 8), height: Math.ceil(height / 8) };
  const pixels = decoder.colours(count, size.width, size.height);
  const data = new Uint8Array(decoder.memory.buffer, pixels, 3 * size.width * size.height);
  return turned({ data, ...size, whole: { width, height, fraction: 1 / 8 } }, orientation);
}

function unitsOf({ width, height }: JpegHeader, most: Plan['most']): { across: number; down: number } {
  return { across: Math.ceil(width / (8 * most.across)), down: Math.ceil(height / (8 * most.down)) };
}

/** Of a picture that is not progressive: all is in one. */
function decodeScan(decoder: Decoder, bytes: Uint8Array, { header, scan, most }: Plan): boolean {
  const { components, restartUnits } = header;
  const isWhole = scan.parts.length === components.length && scan.first === 0 && scan.last === 63;
  if (!isWhole || scan.known > 0 || scan.missing > 0) return false;
  for (const { component, dc, ac } of scan.parts) {
    if (ac > 1 || !tellTable(decoder, header.huffman[4 + ac], 2 + ac)) return false;
    if (dc > 1 || !tellTable(decoder, header.huffman[dc], dc)) return false;
    if (!tellComponent(decoder, header, { component, most, dc, ac })) return false;
  }
  const units = unitsOf(header, most);
  decoder.begin(components.length, units.across, units.down, 0);
  give(decoder, bytes.subarray(scan.start));
  return decoder.decode(components.length, units.across, units.down, restartUnits) !== 0;
}

/** Of a progressive picture: those of the lowest frequencies; all others are passed over. */
function decodeScans(decoder: Decoder, bytes: Uint8Array, { header, scan: firstScan, most }: Plan): boolean {
  const { components } = header;
  const tables = [...header.quantisation];
  for (const component of components.keys()) {
    if (!tellComponent(decoder, header, { component, most, dc: 0, ac: 0 })) return false;
  }
  const units = unitsOf(header, most);
  decoder.begin(components.length, units.across, units.down, 1);
  /** Bits of each component that are not known yet. */
  const missing: (number | undefined)[] = components.map(() => undefined);
  for (let scan: JpegScan | 'end' | null = firstScan; scan !== 'end'; ) {
    if (scan === null || tables.some((table, i) => table !== header.quantisation[i])) return false;
    const end = endOfScan(bytes, scan.start);
    if (scan.first === 0) {
      // Each comes once, and then bit by bit; so there are not many.
      const { known, missing: left } = scan;
      if (scan.last !== 0 || left > 13 || (known > 0 && left !== known - 1)) return false;
      for (const { component } of scan.parts) {
        if (missing[component] !== (known > 0 ? known : undefined)) return false;
        missing[component] = left;
      }
      if (!decodeLowest(decoder, bytes.subarray(scan.start, end + 2), { header, scan, most })) return false;
    }
    scan = readUpToScan(bytes, end, header);
  }
  return missing.every((bits) => bits !== undefined);
}

function decodeLowest(decoder: Decoder, coded: Uint8Array, { header, scan, most }: Plan): boolean {
  const { components, width, height, restartUnits } = header;
  const isFirst = scan.known === 0;
  for (const { component, dc } of isFirst ? scan.parts : []) {
    if (dc > 1 || !tellTable(decoder, header.huffman[dc], dc)) return false;
    tellComponent(decoder, header, { component, most, dc, ac: 0 });
  }
  give(decoder, coded);
  const single = scan.parts.length === 1 && components[scan.parts[0]?.component as number];
  // A single component's units are its blocks, without those that fill a unit of all components up (T.81, A.2.2).
  const units = single
    ? {
        across: Math.ceil((width * single.across) / (8 * most.across)),
        down: Math.ceil((height * single.down) / (8 * most.down)),
      }
    : unitsOf(header, most);
  const parts = scan.parts.reduce((bits, { component }) => bits | (1 << component), 0);
  return decoder.decodeLowest(parts, units.across, units.down, restartUnits, Number(isFirst), scan.missing) !== 0;
}

/** @returns where the next marker is that is none of a restart; the file's end where there is none. */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1] ?? 0;
    if (code !== 0 && code !== 0xff && (code < 0xd0 || code > 0xd7)) return at;
  }
  return bytes.length;
}

/** @param place DC 0 and 1, AC 0 and 1. @returns false for a table that there is not, or that makes no sense. */
function tellTable(decoder: Decoder, codes: Uint8Array | undefined, place: number): boolean {
  if (!codes) return false;
  const scratch = decoder.scratch(); // its memory may have grown
  new Uint8Array(decoder.memory.buffer, scratch).set(codes);
  return decoder.huffman(place) !== 0;
}

interface Told extends Pick<Plan, 'most'> {
  component: number;
  dc: number;
  ac: number;
}

function tellComponent(decoder: Decoder, header: JpegHeader, { component, most, dc, ac }: Told): boolean {
  const { across, down, quantisation } = header.components[component] as JpegComponent;
  const table = header.quantisation[quantisation];
  if (!table) return false;
  const scratch = decoder.scratch();
  new Uint16Array(decoder.memory.buffer, scratch).set(table);
  // What has fewer blocks gives as many pixels: each of them more.
  decoder.component(component, across, down, most.across / across, most.down / down, dc, ac);
  return true;
}

function give(decoder: Decoder, coded: Uint8Array): void {
  const place = decoder.take(coded.length); // its memory may have grown
  new Uint8Array(decoder.memory.buffer, place).set(coded);
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
