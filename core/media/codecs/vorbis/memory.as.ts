// All of a file's tables and buffers stand one behind the other, and are forgotten together.

/** A bound on what a file's headers can ask for; real ones take 1 to 2 MB. */
const mostBytes: usize = 32 << 20;

let top: usize = __heap_base;

export function forgetAll(): void {
  top = __heap_base;
}

/** @returns the address of so many bytes, all 0. Traps where a file asks for too many. */
export function allocate(bytes: usize): usize {
  if (bytes > mostBytes || top + bytes > mostBytes) unreachable();
  const place = top;
  top = (top + bytes + 15) & ~15;
  const missing = <i32>((top + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  memory.fill(place, 0, bytes);
  return place;
}
