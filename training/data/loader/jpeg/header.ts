import { buildHuffmanTable, type HuffmanTable } from './huffman.ts';

/** Of luma or of one chroma. */
export interface Component {
  /** `[64]` in the order of the file (zigzag). */
  quantization: Uint16Array;
  dc: HuffmanTable;
  ac: HuffmanTable;
}

export interface JpegHeader {
  width: number;
  height: number;
  /** Y, Cb, Cr. */
  components: [Component, Component, Component];
  /** 1: chroma has half the width and height (4:2:0); 0: all of it (4:4:4). */
  chromaShift: 0 | 1;
  /** Blocks of pixels (MCUs) between two restart markers; 0: there are none. */
  restartInterval: number;
  /** Where the coded pixels begin. */
  dataStart: number;
}

/**
 * Reads what stands before the pixels.
 *
 * @throws {Error} for what is no JPEG as `clapper prepare` writes it: baseline, YCbCr, 4:2:0 or 4:4:4.
 */
export function readHeader(bytes: Uint8Array): JpegHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) throw new Error('it is no JPEG');
  const quantization: Uint16Array[] = [];
  const tables: { dc: HuffmanTable[]; ac: HuffmanTable[] } = { dc: [], ac: [] };
  let frame: { width: number; height: number; parts: { id: number; sampling: number; table: number }[] } | undefined;
  let restartInterval = 0;

  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = view.getUint16(at);
    const end = at + 2 + view.getUint16(at + 2);
    if (marker < 0xffc0 || end > bytes.length) break;
    let from = at + 4;
    if (marker === 0xffdb) {
      while (from < end) {
        const id = view.getUint8(from++);
        if (id > 3) throw new Error('it is a JPEG of 12 bits, not 8');
        quantization[id] = Uint16Array.from(bytes.subarray(from, from + 64));
        from += 64;
      }
    } else if (marker === 0xffc4) {
      while (from < end) {
        const id = view.getUint8(from++);
        const counts = bytes.subarray(from, from + 16);
        const symbols = counts.reduce((sum, count) => sum + count, 0);
        const values = bytes.subarray(from + 16, from + 16 + symbols);
        tables[id >> 4 ? 'ac' : 'dc'][id & 15] = buildHuffmanTable(counts, values);
        from += 16 + symbols;
      }
    } else if (marker === 0xffdd) restartInterval = view.getUint16(from);
    else if (marker === 0xffc0) {
      const parts = Array.from({ length: view.getUint8(from + 5) }, (_, i) => {
        const part = from + 6 + 3 * i;
        return { id: view.getUint8(part), sampling: view.getUint8(part + 1), table: view.getUint8(part + 2) };
      });
      frame = { width: view.getUint16(from + 3), height: view.getUint16(from + 1), parts };
    } else if (marker > 0xffc0 && marker < 0xffd0 && marker !== 0xffc8 && marker !== 0xffcc) {
      throw new Error('it is a progressive or arithmetic JPEG, not a baseline one');
    } else if (marker === 0xffda) {
      if (!frame) break;
      const sampling = frame.parts.map((part) => part.sampling.toString(16)).join();
      if (sampling !== '22,11,11' && sampling !== '11,11,11') {
        throw new Error(`it is a JPEG with sampling ${sampling}, not of 4:2:0 or 4:4:4`);
      }
      const components = frame.parts.map((part, i): Component => {
        const huffman = view.getUint8(from + 2 + 2 * i);
        const [q, dc, ac] = [quantization[part.table], tables.dc[huffman >> 4], tables.ac[huffman & 15]];
        if (view.getUint8(from + 1 + 2 * i) !== part.id || !q || !dc || !ac)
          throw new Error('a table of the JPEG is missing');
        return { quantization: q, dc, ac };
      });
      return {
        width: frame.width,
        height: frame.height,
        components: components as JpegHeader['components'],
        chromaShift: sampling === '22,11,11' ? 1 : 0,
        restartInterval,
        dataStart: end,
      };
    }
    at = end;
  }
  throw new Error('the JPEG ends before its pixels');
}
