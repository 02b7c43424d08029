import { viewOf } from '#core/media/formats/bytes.ts';

/** @returns a JPEG's size as its header has it, before it is turned; undefined where it has none. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = viewOf(bytes);
  for (let at = 2, segments = 0; at + 9 < view.byteLength && segments < 100; segments++) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
