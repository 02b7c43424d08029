import { InputError } from '#core/errors.ts';

/** What a pickle asks others for. Nothing in it runs otherwise. */
export interface PickleWorld {
  /** @param name of a function or class, as `collections.OrderedDict`. */
  call(name: string, args: unknown[]): unknown;
  /** @param id what stands outside the pickle, as its writer named it. */
  persistent(id: unknown): unknown;
}

const marker = Symbol('mark');
const latin1 = new TextDecoder('latin1');

/**
 * Reads one of Python's pickles (protocol 2), of those operators that files of weights are made of.
 *
 * @returns tuples and lists as arrays, dictionaries as maps; whole numbers of more than 32 bits as null; and where the pickle ends.
 * @throws {InputError} for any other operator, and where the bytes end before the pickle does.
 */
export function readPickle(bytes: Uint8Array, start: number, world: PickleWorld): { value: unknown; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let place = start;
  const take = (length: number) => {
    const from = place;
    place += length;
    if (place > bytes.length)
      throw new InputError(`Expected a whole pickle but it breaks off after ${bytes.length} bytes.`);
    return from;
  };
  const byte = () => view.getUint8(take(1));
  const word = () => view.getUint32(take(4), true);
  const line = () => {
    const end = bytes.indexOf(10, place);
    const from = take((end < 0 ? bytes.length + 1 : end + 1) - place);
    return latin1.decode(bytes.subarray(from, place - 1));
  };
  const marked = () => stack.splice(stack.lastIndexOf(marker)).slice(1);
  const last = (count: number) => stack.splice(stack.length - count);
  const setItems = (items: unknown[]) => {
    const into = stack.at(-1) as Map<unknown, unknown>;
    for (let i = 0; i < items.length; i += 2) into.set(items[i], items[i + 1]);
  };
  const text = () => {
    const length = word();
    return new TextDecoder().decode(bytes.subarray(take(length), place));
  };
  const operators: Record<number, () => void> = {
    128: () => byte(), // PROTO
    40: () => stack.push(marker), // MARK
    78: () => stack.push(null), // NONE
    136: () => stack.push(true), // NEWTRUE
    137: () => stack.push(false), // NEWFALSE
    75: () => stack.push(byte()), // BININT1
    77: () => stack.push(view.getUint16(take(2), true)), // BININT2
    74: () => stack.push(view.getInt32(take(4), true)), // BININT
    138: () => {
      take(byte());
      stack.push(null);
    }, // LONG1
    88: () => stack.push(text()), // BINUNICODE
    99: () => stack.push(`${line()}.${line()}`), // GLOBAL
    93: () => stack.push([]), // EMPTY_LIST
    125: () => stack.push(new Map()), // EMPTY_DICT
    41: () => stack.push([]), // EMPTY_TUPLE
    133: () => stack.push(last(1)), // TUPLE1
    134: () => stack.push(last(2)), // TUPLE2
    135: () => stack.push(last(3)), // TUPLE3
    116: () => stack.push(marked()), // TUPLE
    101: () => {
      const items = marked();
      (stack.at(-1) as unknown[]).push(...items);
    }, // APPENDS
    97: () => {
      const items = last(1);
      (stack.at(-1) as unknown[]).push(...items);
    }, // APPEND
    117: () => setItems(marked()), // SETITEMS
    115: () => setItems(last(2)), // SETITEM
    113: () => memo.set(byte(), stack.at(-1)), // BINPUT
    114: () => memo.set(word(), stack.at(-1)), // LONG_BINPUT
    104: () => stack.push(memo.get(byte())), // BINGET
    106: () => stack.push(memo.get(word())), // LONG_BINGET
    81: () => stack.push(world.persistent(stack.pop())), // BINPERSID
    82: () => {
      const [name, args] = last(2);
      stack.push(world.call(name as string, args as unknown[]));
    }, // REDUCE
    98: () => stack.pop(), // BUILD: what else an object knows of itself
  };
  for (;;) {
    const operator = byte();
    if (operator === 46) return { value: stack.pop(), end: place };
    const run = operators[operator];
    if (!run)
      throw new InputError(`Expected a pickle of weights but it has the operator ${operator}, which none needs.`);
    run();
  }
}
