/** A message of Protocol Buffers: fields in order; a list stands for a repeated field, undefined for one that is left out. */
export type Message = { [field: string]: Value | Value[] | undefined };
type Value = string | number | boolean | Enum | Message;

/** A name of an enumeration, which stands without quotes. */
export class Enum {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** @returns the message in Protocol Buffers' text format. */
export function pbtxt(message: Message, indent = ''): string {
  return Object.entries(message)
    .flatMap(([field, value]) => {
      if (value === undefined) return [];
      const values = Array.isArray(value) ? value : [value];
      return values.map((one) => `${indent}${field}${written(one, indent)}\n`);
    })
    .join('');
}

function written(value: Value, indent: string): string {
  if (value instanceof Enum) return `: ${value.name}`;
  if (typeof value === 'object') return ` {\n${pbtxt(value, `${indent}  `)}${indent}}`;
  return `: ${JSON.stringify(value)}`;
}
