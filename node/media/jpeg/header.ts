/** What a baseline JPEG's headers say (ITU-T T.81, annex B). */
export interface JpegHeader {
  width: number;
  height: number;
  components: JpegComponent[];
  /** By their numbers: `[64]`, in the file's order. */
  quantisation: (Uint16Array | undefined)[];
  /** DC 0 and 1, AC 0 and 1: 16 bytes, the codes of each length, and their symbols. */
  huffman: (Uint8Array | undefined)[];
  /** Units from one restart marker to the next; 0: there are none. */
  restartUnits: number;
  /** How it lies: 1 to 8, as Exif counts (CIPA DC-008, 4.6.5); 1: upright. */
  orientation: number;
  /** Where what is coded begins. */
  scanStart: number;
}

export interface JpegComponent {
  id: number;
  /** Blocks in a unit. */
  across: number;
  down: number;
  /** Numbers of tables. */
  quantisation: number;
  dc: number;
  ac: number;
}

const startOfImage = 0xffd8;
const marker = { extendedFrame: 0xc1, huffman: 0xc4, scan: 0xda, quantisation: 0xdb, restart: 0xdd };
/** Frames of other kinds: progressive, lossless, arithmetic; and lines that are counted afterwards. */
const isOther = (code: number) => code > marker.extendedFrame && code <= 0xcf && code !== marker.huffman;

/** @returns null for what is not a plain picture as most cameras and programs write it: 8 bits, grey or YCbCr, without a profile, in one scan. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header: JpegHeader = {
    ...{ width: 0, height: 0, components: [], restartUnits: 0, orientation: 1, scanStart: 0 },
    ...{ quantisation: [], huffman: [] },
  };
  if (bytes.length < 4 || view.getUint16(0) !== startOfImage) return null;
  for (let at = 2; at + 4 <= bytes.length; ) {
    const code = bytes[at + 1] as number;
    const end = at + 2 + view.getUint16(at + 2);
    if (bytes[at] !== 0xff || code < 0xc0 || (code >= 0xd0 && code <= 0xd9) || end > bytes.length) return null;
    const segment = bytes.subarray(at + 4, end);
    if (isOther(code) || changesColours(code, segment)) return null;
    if (isExif(code, segment)) {
      const orientation = orientationOf(segment.subarray(6));
      if (orientation < 1 || orientation > 8 || header.orientation !== 1) return null;
      header.orientation = orientation;
    } else if (code === 0xc0 || code === marker.extendedFrame) {
      if (header.components.length > 0 || !readFrame(segment, header)) return null;
    } else if (code === marker.quantisation) {
      if (!readQuantisation(segment, header)) return null;
    } else if (code === marker.huffman) {
      if (!readHuffman(segment, header)) return null;
    } else if (code === marker.restart) {
      if (segment.length !== 2) return null;
      header.restartUnits = view.getUint16(at + 4);
    } else if (code === marker.scan) {
      header.scanStart = end;
      return readScan(segment, header) ? header : null;
    }
    at = end;
  }
  return null;
}

/** A profile, other colours than YCbCr: sharp knows what they mean. */
function changesColours(code: number, segment: Uint8Array): boolean {
  const name = Buffer.from(segment.subarray(0, 12)).toString('latin1');
  if (code === 0xe2) return name === 'ICC_PROFILE\0';
  return code === 0xee && name.startsWith('Adobe') && segment[11] !== 1;
}

function isExif(code: number, segment: Uint8Array): boolean {
  return code === 0xe1 && Buffer.from(segment.subarray(0, 5)).toString('latin1') === 'Exif\0';
}

/** @param tiff Exif's content. @returns 1 where it says nothing; 0: it cannot be read. */
function orientationOf(tiff: Uint8Array): number {
  if (tiff.length < 8) return 0;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
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
    header.components.push({ id, ...sampled, quantisation, dc: 0, ac: 0 });
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
    if (kind > 1 || number > 1 || symbols > 256 || end > segment.length) return false;
    huffman[2 * kind + number] = segment.subarray(at + 1, end);
    at = end;
  }
  return true;
}

/** @returns whether it is the only scan, of all components with tables that are there. */
function readScan(segment: Uint8Array, { components, quantisation, huffman }: JpegHeader): boolean {
  if (segment[0] !== components.length || segment.length !== 4 + 2 * components.length) return false;
  for (const [i, component] of components.entries()) {
    const [id, tables] = segment.subarray(1 + 2 * i) as unknown as [number, number];
    Object.assign(component, { dc: tables >> 4, ac: tables & 15 });
    const { dc, ac } = component;
    if (id !== component.id || dc > 1 || ac > 1) return false;
    if (!quantisation[component.quantisation] || !huffman[dc] || !huffman[2 + ac]) return false;
  }
  return components.length > 0 && segment.at(-3) === 0 && segment.at(-2) === 63 && segment.at(-1) === 0;
}
