// A packet as a stream of bits, the lowest of each byte first (Vorbis I, section 2). Positions are bits.

let bytes: usize = 0;
export let position: i32 = 0;
/** Of the first bit behind the packet; a position beyond says that something was read which is not there. */
export let end: i32 = 0;

/** @param place of the packet, with 8 bytes of room behind it, which are cleared. */
export function openPacket(place: usize, length: i32): void {
  store<u64>(place + length, 0);
  bytes = place;
  position = 0;
  end = length << 3;
}

/** The next 32 bits, without going on; behind the packet they are 0. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function peek(): u32 {
  return <u32>(load<u64>(bytes + (position >> 3)) >> (position & 7));
}

// @ts-ignore: AssemblyScript's decorator
@inline
export function skip(count: i32): void {
  position += count;
}

export function readEnded(): bool {
  return position > end;
}

/** From here on nothing is read any more. */
export function stopReading(): void {
  position = end + 1;
}

/** @param count up to 32. @returns 0 where the packet ends before. */
export function read(count: i32): u32 {
  if (position + count > end) {
    stopReading();
    return 0;
  }
  const value = peek() & <u32>(((<u64>1) << count) - 1);
  position += count;
  return value;
}

/** Bits that a number takes (Vorbis I, section 9.2.1). */
export function bitsOf(value: i32): i32 {
  return 32 - clz(value);
}
