import { textAt, viewOf } from '#core/media/formats/bytes.ts';

/** What a JPEG's headers say (ITU-T T.81, annex B), so far as they have been read. */
export interface JpegHeader {
  width: number;
  height: number;
  /** Whether each scan has a part of the coefficients alone. */
  isProgressive: boolean;
  components: JpegComponent[];
  /** By their numbers: `[64]`, in the file's order. */
  quantisation: (Uint16Array | undefined)[];
  /** DC 0 to 3, AC 0 to 3: 16 bytes, the codes of each length, and their symbols. */
  huffman: (Uint8Array | undefined)[];
  /** Units from one restart marker to the next; 0: there are none. */
  restartUnits: number;
  /** How it lies: 1 to 8, as Exif counts (CIPA DC-008, 4.6.5); 1: upright. */
  orientation: number;
  /** What its colours mean (ICC.1); null: sRGB. */
  profile: Uint8Array | null;
}

export interface JpegComponent {
  id: number;
  /** Blocks in a unit. */
  across: number;
  down: number;
  /** Number of its table. */
  quantisation: number;
}

export interface JpegScan {
  /** Numbers of components and of their tables. */
  parts: { component: number; dc: number; ac: number }[];
  /** Coefficients in the file's order. */
  first: number;
  last: number;
  /** Of the coefficients' bits: how many are known already, 0: this is the first scan; how many are still missing. */
  known: number;
  missing: number;
  /** Where what is coded begins. */
  start: number;
}

const startOfImage = 0xffd8;
const marker = {
  frame: 0xc0,
  progressive: 0xc2,
  huffman: 0xc4,
  end: 0xd9,
  scan: 0xda,
  quantisation: 0xdb,
  restart: 0xdd,
};
const isFrame = (code: number) => code >= marker.frame && code <= marker.progressive;
/** Frames of other kinds: lossless, arithmetic; and lines that are counted afterwards. */
const isOther = (code: number) => code > marker.progressive && code <= 0xcf && code !== marker.huffman;

/** @returns null for what is not a plain picture as most cameras and programs write it: 8 bits, grey or YCbCr. */
export function readJpegHeader(bytes: Uint8Array): { header: JpegHeader; scan: JpegScan } | null {
  const header: JpegHeader = {
    ...{ width: 0, height: 0, isProgressive: false, components: [], quantisation: [], huffman: [] },
    ...{ restartUnits: 0, orientation: 1, profile: null },
  };
  if (bytes.length < 4 || viewOf(bytes).getUint16(0) !== startOfImage) return null;
  const scan = readUpToScan(bytes, 2, header);
  return scan === null || scan === 'end' ? null : { header, scan };
}

/**
 * Reads what stands between two scans into the header.
 *
 * @param at where the last scan ends.
 * @returns the next scan; 'end' where the picture ends, null for what is unusual or damaged.
 */
export function readUpToScan(bytes: Uint8Array, at: number, header: JpegHeader): JpegScan | 'end' | null {
  const view = viewOf(bytes);
  for (; at + 4 <= bytes.length; ) {
    const code = bytes[at + 1] as number;
    if (bytes[at] === 0xff && code === marker.end) return 'end';
    const end = at + 2 + view.getUint16(at + 2);
    if (bytes[at] !== 0xff || code < 0xc0 || (code >= 0xd0 && code <= 0xd9) || end > bytes.length) return null;
    const segment = bytes.subarray(at + 4, end);
    if (isOther(code) || hasOtherColours(code, segment)) return null;
    if (isExif(code, segment)) {
      const orientation = orientationOf(segment.subarray(6));
      if (orientation < 1 || orientation > 8 || header.orientation !== 1) return null;
      header.orientation = orientation;
    } else if (isProfile(code, segment)) {
      if (header.profile || segment[12] !== 1 || segment[13] !== 1) return null; // it comes in several parts
      header.profile = segment.subarray(14);
    } else if (isFrame(code)) {
      if (header.components.length > 0 || !readFrame(segment, header)) return null;
      header.isProgressive = code === marker.progressive;
    } else if (code === marker.quantisation) {
      if (!readQuantisation(segment, header)) return null;
    } else if (code === marker.huffman) {
      if (!readHuffman(segment, header)) return null;
    } else if (code === marker.restart) {
      if (segment.length !== 2) return null;
      header.restartUnits = view.getUint16(at + 4);
    } else if (code === marker.scan) {
      return readScan(segment, { header, start: end });
    }
    at = end;
  }
  return bytes.length - at >= 2 && view.getUint16(at) === 0xff00 + marker.end ? 'end' : null;
}

/** Other colours than YCbCr: sharp knows what they mean. */
function hasOtherColours(code: number, segment: Uint8Array): boolean {
  return code === 0xee && textAt(segment, 0, 5) === 'Adobe' && segment[11] !== 1;
}

function isProfile(code: number, segment: Uint8Array): boolean {
  return code === 0xe2 && textAt(segment, 0, 12) === 'ICC_PROFILE\0';
}

function isExif(code: number, segment: Uint8Array): boolean {
  return code === 0xe1 && textAt(segment, 0, 5) === 'Exif\0';
}

/** @param tiff Exif's content. @returns 1 where it says nothing; 0: it cannot be read. */
function orientationOf(tiff: Uint8Array): number {
  if (tiff.length < 8) return 0;
  const view = viewOf(tiff);
  const isLittle = view.getUint16(0) === 0x4949;
  const start = view.getUint32(4, isLittle);
  if (start + 2 > tiff.length) return 0;
  const entries = view.getUint16(start, isLittle);
  if (start + 2 + 12 * entries > tiff.length) return 0;
  for (let at = start + 2; at < start + 2 + 12 * entries; at += 12) {
    if (view.getUint16(at, isLittle) !== 0x0112) continue;
    const isShort = view.getUint16(at + 2, isLittle) === 3 && view.getUint32(at + 4, isLittle) === 1;
    return isShort ? view.getUint16(at + 8, isLittle) : 0;
  }
  return 1;
}

function readFrame(segment: Uint8Array, header: JpegHeader): boolean {
  const count = segment[5] as number;
  if (segment[0] !== 8 || (count !== 1 && count !== 3) || segment.length !== 6 + 3 * count) return false;
  const [, topHeight, height, topWidth, width] = segment as unknown as [number, number, number, number, number];
  header.height = 256 * topHeight + height;
  header.width = 256 * topWidth + width;
  for (let i = 0; i < count; i++) {
    const [id, sampling, quantisation] = segment.subarray(6 + 3 * i) as unknown as [number, number, number];
    const sampled = { across: sampling >> 4, down: sampling & 15 };
    if (count === 1) Object.assign(sampled, { across: 1, down: 1 }); // a unit is then a block, whatever it says
    header.components.push({ id, ...sampled, quantisation });
  }
  const ids = header.components.map(({ id }) => id).join();
  return header.width > 0 && header.height > 0 && (count === 1 || ids === '1,2,3');
}

function readQuantisation(segment: Uint8Array, { quantisation }: JpegHeader): boolean {
  if (segment.length % 65 !== 0) return false; // of 16 bits: only with 12 bits a sample
  for (let at = 0; at < segment.length; at += 65) {
    const number = segment[at] as number;
    if (number > 3) return false;
    quantisation[number] = Uint16Array.from(segment.subarray(at + 1, at + 65));
  }
  return true;
}

function readHuffman(segment: Uint8Array, { huffman }: JpegHeader): boolean {
  for (let at = 0; at < segment.length; ) {
    const [kind, number] = [(segment[at] as number) >> 4, (segment[at] as number) & 15];
    const symbols = segment.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
    const end = at + 17 + symbols;
    if (kind > 1 || number > 3 || symbols > 256 || end > segment.length) return false;
    huffman[4 * kind + number] = segment.subarray(at + 1, end);
    at = end;
  }
  return true;
}

/** @returns null for components that there are not. */
function readScan(
  segment: Uint8Array,
  { header: { components }, start }: { header: JpegHeader; start: number },
): JpegScan | null {
  const count = segment[0] as number;
  if (count < 1 || count > components.length || segment.length !== 4 + 2 * count) return null;
  const parts: JpegScan['parts'] = [];
  for (let i = 0; i < count; i++) {
    const [id, tables] = segment.subarray(1 + 2 * i) as unknown as [number, number];
    const component = components.findIndex((one) => one.id === id);
    const [dc, ac] = [tables >> 4, tables & 15];
    if (component <= (parts.at(-1)?.component ?? -1) || dc > 3 || ac > 3) return null;
    parts.push({ component, dc, ac });
  }
  const [first, last, bits] = segment.subarray(-3) as unknown as [number, number, number];
  return { parts, first, last, known: bits >> 4, missing: bits & 15, start };
}
