import { InputError } from '#core/errors.ts';

// What a form or JSON says beside its files is short, and messages repeat it.

const nameLength = 100;
const textBytes = 4096;

/** @throws {InputError} for the name of a field that is too long. */
export function expectName(name: string): void {
  if (name.length > nameLength) throw tooLong(`names of at most ${nameLength} characters`);
}

/** @param size of it as it came. @throws {InputError} for a text that is too long. */
export function expectText<Text>(text: Text, size: number): Text {
  if (size > textBytes) throw tooLong(`texts of at most ${textBytes} bytes`);
  return text;
}

function tooLong(expected: string): InputError {
  return new InputError(`Expected ${expected} but a field is longer.`, 'too_large');
}
