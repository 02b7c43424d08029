// One channel of a frame (RFC 9639, section 9.2). Samples are int32.
import { bitsAt, end, moveTo, position, read } from '../highestFirst.as';

/** int32 `[32]`: what samples before are multiplied by, the earliest first. */
const factors = memory.data(32 * 4, 16);

/** @returns false for what is damaged. */
export function decodeSubframe(samples: usize, count: i32, bits: i32): bool {
  if (position + 8 > end || read(1) != 0) return false;
  const kind = read(6);
  let wasted: i32 = 0;
  if (read(1)) {
    wasted = <i32>clz(bitsAt(position)) + 1;
    if (wasted >= bits) return false;
    moveTo(position + wasted);
    bits -= wasted;
  }
  if (bits > 32) return false; // the difference of channels of 32 bits
  if (!decodeKind(kind, samples, count, bits)) return false;
  if (wasted > 0) {
    for (let at = samples; at < samples + (<usize>count << 2); at += 4) store<i32>(at, load<i32>(at) << wasted);
  }
  return position <= end;
}

function decodeKind(kind: i32, samples: usize, count: i32, bits: i32): bool {
  if (kind == 0) {
    const value = readSigned(bits);
    for (let i = 0; i < count; i++) store<i32>(samples + (<usize>i << 2), value);
    return true;
  }
  if (kind == 1) return readPlain(samples, count, bits);
  const isFixed = kind >= 8 && kind <= 12;
  if (!isFixed && kind < 32) return false;
  const order = isFixed ? kind - 8 : kind - 31;
  if (order > count || !readPlain(samples, order, bits)) return false;
  let shift: i32 = 0;
  if (isFixed) {
    setFixed(order);
  } else {
    const precision = read(4) + 1;
    if (precision == 16) return false;
    shift = readSigned(5);
    if (shift < 0) return false;
    for (let i = order - 1; i >= 0; i--) store<i32>(factors + (<usize>i << 2), readSigned(precision));
  }
  if (!readResiduals(samples, count, order)) return false;
  if (order > 0) predict(samples, count, order, shift, bits);
  return true;
}

/** @param bits 1 to 32. */
function readSigned(bits: i32): i32 {
  const value = <i32>(<i64>bitsAt(position) >> (64 - bits));
  moveTo(position + bits);
  return value;
}

function readPlain(samples: usize, count: i32, bits: i32): bool {
  if (position + count * bits > end) return false;
  for (let i = 0; i < count; i++) store<i32>(samples + (<usize>i << 2), readSigned(bits));
  return true;
}

function setFixed(order: i32): void {
  // Of what is predicted by differences: (1 − z)^order, turned round.
  let factor: i32 = -1;
  for (let back = 1; back <= order; back++) {
    factor = (-factor * (order - back + 1)) / back;
    store<i32>(factors + (<usize>(order - back) << 2), factor);
  }
}

/** Rice codes (section 9.2.7) → what the prediction is off by, where the samples will be. */
function readResiduals(samples: usize, count: i32, order: i32): bool {
  const parameterBits = read(2) + 4;
  const partitions = 1 << read(4);
  const each = count / partitions;
  if (parameterBits > 5 || each * partitions != count || each < order) return false;
  let to = samples + (<usize>order << 2);
  for (let partition = 0; partition < partitions; partition++) {
    const partEnd = samples + (<usize>((partition + 1) * each) << 2);
    const parameter = read(parameterBits);
    if (parameter == (1 << parameterBits) - 1) {
      const bits = read(5);
      if (position + each * bits > end) return false;
      for (; to < partEnd; to += 4) store<i32>(to, bits > 0 ? readSigned(bits) : 0);
    } else if (!readRice(to, partEnd, parameter)) {
      return false;
    }
    to = partEnd;
  }
  return true;
}

function readRice(to: usize, partEnd: usize, parameter: i32): bool {
  let place = position;
  const rest = 63 - parameter;
  for (; to < partEnd; to += 4) {
    let bits = bitsAt(place);
    let high: i32 = <i32>clz(bits);
    if (high + 1 + parameter <= 57) {
      place += high;
      bits <<= high;
    } else {
      high = 0;
      for (; place < end && bitsAt(place) >> 8 == 0; place += 56) high += 56;
      const more = <i32>clz(bitsAt(place));
      high += more;
      place += more;
      bits = bitsAt(place);
    }
    // Behind the 1 that ends the zeros.
    const value = (<u32>high << parameter) | <u32>((bits << 1) >>> 1 >>> rest);
    store<i32>(to, (value >>> 1) ^ -(value & 1));
    place += 1 + parameter;
    if (place > end) return false;
  }
  moveTo(place);
  return true;
}

/** @param samples the first `order` are there, of the others what the prediction is off by. */
function predict(samples: usize, count: i32, order: i32, shift: i32, bits: i32): void {
  const last = samples + (<usize>count << 2);
  let at = samples + (<usize>order << 2);
  let sum: u64 = 0;
  for (let i = 0; i < order; i++) sum += <u64>abs(load<i32>(factors + (<usize>i << 2)));
  if (sum < <u64>1 << (32 - bits)) {
    for (; at < last; at += 4) store<i32>(at, load<i32>(at) + (narrow(at - (<usize>order << 2), order) >> shift));
  } else {
    for (; at < last; at += 4) store<i32>(at, load<i32>(at) + <i32>(wide(at - (<usize>order << 2), order) >> shift));
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function narrow(from: usize, order: i32): i32 {
  let sum: i32 = 0;
  const factorsEnd = factors + (<usize>order << 2);
  let factor: usize = factors;
  for (; factor + 16 <= factorsEnd; factor += 16, from += 16) {
    sum += load<i32>(factor) * load<i32>(from) + load<i32>(factor, 4) * load<i32>(from, 4);
    sum += load<i32>(factor, 8) * load<i32>(from, 8) + load<i32>(factor, 12) * load<i32>(from, 12);
  }
  for (; factor < factorsEnd; factor += 4, from += 4) sum += load<i32>(factor) * load<i32>(from);
  return sum;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function wide(from: usize, order: i32): i64 {
  let sum: i64 = 0;
  for (let i = 0; i < order; i++, from += 4) sum += <i64>load<i32>(factors + (<usize>i << 2)) * <i64>load<i32>(from);
  return sum;
}
