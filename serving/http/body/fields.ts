/** What a body held, by the fields' names: bytes of files, and texts or JSON's other values. */
export type FieldValue = Uint8Array | string | number | boolean | null;

export class Fields {
  readonly #values = new Map<string, FieldValue[]>();
  readonly #arrays = new Set<string>();

  add(name: string, value: FieldValue): void {
    const values = this.#values.get(name);
    if (values) values.push(value);
    else this.#values.set(name, [value]);
  }

  /** Several values at once, which only a field that may have several takes, be they one or none. */
  addArray(name: string, values: FieldValue[]): void {
    this.#arrays.add(name);
    this.#values.set(name, values);
  }

  /** @param lists the fields that may come several times. @returns an object, as schemas take it. */
  toObject(lists: readonly string[]): Record<string, FieldValue | FieldValue[]> {
    // Made so, a name such as __proto__ becomes no property of another kind.
    return Object.fromEntries(
      Array.from(this.#values, ([name, values]) => [
        name,
        lists.includes(name) || values.length > 1 || this.#arrays.has(name) ? values : (values[0] as FieldValue),
      ]),
    );
  }
}
