import type { App, Panel } from './app.ts';
import { inTime } from './delivery/inTime.ts';
import { byId, h } from './dom.ts';
import { createNotice } from './notice.ts';
import type { PanelEntry } from './panels.ts';
import { text } from './text.ts';

export interface Tabs {
  /** The entry that the address names, or the first. */
  chosen(): PanelEntry;
  /** Goes to a panel. @returns it, when it is shown. */
  open(id: string): Promise<Panel>;
}

/** A tab for each panel; the address says behind # which one is shown, so that the browser's back and forward go through them. */
export function createTabs(app: App, entries: PanelEntry[]): Tabs {
  const place = byId('panels', HTMLElement);
  const name = document.title;
  const links = entries.map(({ id, title }) => h('a', { href: `#${id}` }, title));
  byId('tabs', HTMLElement).replaceChildren(...links);
  const made = new Map<string, Promise<Panel>>();
  let shown: Panel | null = null;

  const chosen = () => entries.find(({ id }) => `#${id}` === location.hash) ?? (entries[0] as PanelEntry);

  async function show(): Promise<Panel> {
    const entry = chosen();
    for (const [i, link] of links.entries()) link.ariaCurrent = entries[i] === entry ? 'page' : null;
    links[entries.indexOf(entry)]?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); // on a phone the row is longer than the screen
    document.title = entry === entries[0] ? name : `${entry.title} · ${name}`;
    const making = made.get(entry.id) ?? Promise.resolve(entry.create(app));
    made.set(entry.id, making);
    const panel = await inTime(making).catch(() => {
      made.delete(entry.id);
      return missing(entry.title);
    });
    if (panel === shown || entry !== chosen()) return panel;
    shown?.leave?.();
    shown = panel;
    place.replaceChildren(panel.element);
    panel.enter?.();
    return panel;
  }

  /** In place of a panel that did not come. */
  function missing(title: string): Panel {
    const notice = createNotice('panel-error');
    notice.show(new Error(text.noPart(title)), show);
    return { element: notice.element };
  }

  // Not by the address, which names the panel.
  byId('skip', HTMLAnchorElement).onclick = (event) => {
    event.preventDefault();
    place.focus();
  };
  addEventListener('hashchange', show);
  show();
  return {
    chosen,
    open(id) {
      location.hash = `#${id}`;
      return show();
    },
  };
}
