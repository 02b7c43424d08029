/** @returns the page's element of that id; the kind is checked, so that a renamed id fails at once. */
export function byId<E extends Element>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new TypeError(`Expected #${id} in index.html to be ${kind.name} but it is ${element?.tagName ?? 'not there'}.`);
}

/** Says what went wrong where it went wrong; null: nothing. */
export function showError(place: HTMLElement, error: unknown): void {
  place.textContent = error instanceof Error ? error.message : '';
  place.hidden = error === null;
}
