type Child = Node | string | null | undefined | false;

type Properties<E extends Element> = { [K in keyof E]?: E[K] | undefined } & { class?: string };

/** An element with its properties and children; `class` and names with a hyphen are attributes. */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  properties: Properties<HTMLElementTagNameMap[T]> & Record<`aria-${string}` | `data-${string}`, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name === 'class' || name.includes('-')) element.setAttribute(name, String(value));
    else (element as unknown as Record<string, unknown>)[name] = value;
  }
  element.append(
    ...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** @returns the page's element of that id; the kind is checked, so that a renamed id fails at once. */
export function byId<E extends Element>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new TypeError(`Expected #${id} in index.html to be ${kind.name} but it is ${element?.tagName ?? 'not there'}.`);
}

/** A label that looks like a button and opens a file, or several; the same file can be opened again. */
export function fileButton(options: {
  id: string;
  text: string;
  label: string;
  accept: string;
  multiple?: boolean;
  /** At least one. */
  onFiles: (files: [File, ...File[]]) => void;
}): HTMLLabelElement {
  const input = h('input', {
    type: 'file',
    id: options.id,
    class: 'visually-hidden',
    accept: options.accept,
    multiple: options.multiple,
    'aria-label': options.label,
    onchange() {
      const [file, ...more] = input.files ?? [];
      if (file) options.onFiles([file, ...more]);
      input.value = '';
    },
  });
  return h('label', { class: 'button' }, options.text, input);
}
