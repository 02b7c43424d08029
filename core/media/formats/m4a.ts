import { textAt, viewOf } from './bytes.ts';
import { cutShort, damaged, expectAtMost, type SoundFormat } from './format.ts';
import { decodePieces } from './pieces.ts';

/** The sound of an MPEG-4 file (m4a, mp4, mov). Decoded whole: what describes the sound often stands behind it. */
export const m4a: SoundFormat = {
  name: 'm4a',
  recognises: (bytes) => textAt(bytes, 4, 4) === 'ftyp',
  async decode(bytes, maxSeconds) {
    if (!checkBoxes(bytes, { start: 0, end: bytes.length, maxSeconds }).includes('moov')) {
      throw cutShort('m4a', 'it ends before the box that describes its sound');
    }
    return decodePieces(bytes, { decoder: 'm4a', format: 'm4a', maxSeconds });
  },
};

const parents = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'moof', 'traf'];

/** Tables of the sound's samples: where their count stands in the box, and the bytes an entry has. */
const tables: Record<string, { countAt: number; entryBytes: number }> = {
  stts: { countAt: 4, entryBytes: 8 },
  stsc: { countAt: 4, entryBytes: 12 },
  stco: { countAt: 4, entryBytes: 4 },
  co64: { countAt: 4, entryBytes: 8 },
  stsz: { countAt: 8, entryBytes: 4 },
  elst: { countAt: 4, entryBytes: 12 },
  trun: { countAt: 4, entryBytes: 0 }, // its entries may have no fields
};

/**
 * Walks over the boxes (ISO/IEC 14496-12): each must fit its parent, each table its box. A damaged count would otherwise make
 * the decoder fill the memory.
 *
 * @returns the boxes' names.
 */
function checkBoxes(
  bytes: Uint8Array,
  { start, end, maxSeconds }: { start: number; end: number; maxSeconds: number },
): string[] {
  const view = viewOf(bytes);
  const names: string[] = [];
  for (let offset = start; offset < end; ) {
    const isTop = end === bytes.length && start === 0;
    const misfit = (detail: string) => (isTop ? cutShort('m4a', detail) : damaged('m4a', detail));
    if (offset + 8 > end) throw misfit(`its box at byte ${offset} ends early`);
    const name = textAt(bytes, offset + 4, 4);
    const { size, headerBytes } = readSize(view, offset, end);
    if (size < headerBytes) throw damaged('m4a', `its box "${name}" has ${size} bytes`);
    if (offset + size > end) throw misfit(`its box "${name}" has ${end - offset} of ${size} bytes`);
    const body = offset + headerBytes;
    const boxEnd = offset + size;
    if (parents.includes(name)) checkBoxes(bytes, { start: body, end: boxEnd, maxSeconds });
    else if (name === 'mdhd') expectAtMost(maxSeconds, readSeconds(view, body, boxEnd));
    else if (name in tables) checkTable(view, { name, body, end: boxEnd });
    names.push(name);
    offset = boxEnd;
  }
  return names;
}

function readSize(view: DataView, offset: number, end: number): { size: number; headerBytes: number } {
  const size = view.getUint32(offset);
  if (size === 0) return { size: end - offset, headerBytes: 8 }; // to the end
  if (size !== 1 || offset + 16 > end) return { size, headerBytes: 8 };
  return { size: Number(view.getBigUint64(offset + 8)), headerBytes: 16 };
}

function readSeconds(view: DataView, body: number, end: number): number {
  const isLong = view.getUint8(body) === 1;
  if (end - body < (isLong ? 32 : 20)) throw damaged('m4a', 'its box "mdhd" is too short');
  const timescale = view.getUint32(body + (isLong ? 20 : 12));
  const duration = isLong ? Number(view.getBigUint64(body + 24)) : view.getUint32(body + 16);
  const isUnknown = duration >= (isLong ? 2 ** 64 : 2 ** 32 - 1); // all bits set
  return isUnknown ? Number.NaN : duration / timescale;
}

function checkTable(view: DataView, { name, body, end }: { name: string; body: number; end: number }): void {
  const { countAt, entryBytes } = tables[name] as { countAt: number; entryBytes: number };
  const room = end - body - countAt - 4;
  if (room < 0) throw damaged('m4a', `its box "${name}" is too short`);
  const count = view.getUint32(body + countAt);
  const sameSize = name === 'stsz' ? view.getUint32(body + 4) : 0; // then no list of sizes follows
  // The samples themselves have a byte at least.
  const limit = entryBytes === 0 || sameSize > 0 ? view.byteLength / Math.max(1, sameSize) : room / entryBytes;
  if (count > limit) throw damaged('m4a', `its table "${name}" claims ${count} entries`);
}
