import { InvalidArgumentError } from 'commander';

/** Parsers of the command line's numbers and addresses. Each throws commander's error, which makes wrong usage: exit 2. */

/** 0 or above. */
export function nonNegativeNumber(text: string): number {
  return expectNumber(text, (value) => value >= 0, 'a number, 0 or above');
}

export function positiveNumber(text: string): number {
  return expectNumber(text, (value) => value > 0, 'a number above 0');
}

export function positiveInteger(text: string): number {
  return expectNumber(text, (value) => value > 0 && Number.isInteger(value), 'a whole number above 0');
}

export function portNumber(text: string): number {
  const isPort = (value: number) => Number.isInteger(value) && value >= 0 && value <= 65535;
  return expectNumber(text, isPort, 'a whole number from 0 to 65535');
}

/** `localhost:3000` is what people type. @returns it with a scheme. */
export function webAddress(text: string): string {
  const address = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (/^https?:/i.test(address) && URL.canParse(address)) return address;
  throw new InvalidArgumentError('Expected an address such as http://localhost:3000.');
}

function expectNumber(text: string, isExpected: (value: number) => boolean, expected: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && isExpected(value)) return value;
  throw new InvalidArgumentError(`Expected ${expected}.`);
}
