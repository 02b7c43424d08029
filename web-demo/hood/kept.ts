import { graphFiles } from '#core/bundle/graphs.ts';
import { areKept, clearKept } from '../delivery/kept.ts';
import type { Desk } from '../desk.ts';
import { h } from '../dom.ts';
import { text } from '../text.ts';

const words = text.hood;

/** Whether the model's files are kept in the browser, and what removes all that is. */
export function createKept({ manifest, engine }: Desk): HTMLElement {
  const said = h('span', { id: 'kept', 'aria-live': 'polite' });
  const clear = h('button', { type: 'button', id: 'clear-kept' }, words.clear);

  async function look(): Promise<void> {
    const content = manifest.variants[engine.settings.variant];
    const files = content ? graphFiles(content) : [];
    const place = new URL(`models/${manifest.name}/`, document.baseURI).href;
    const isKept = await areKept(files.map((file) => ({ url: place + file.file, file })));
    const megabytes = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    said.textContent = isKept ? words.kept(megabytes) : words.notKept;
    said.dataset.kept = String(isKept);
  }

  clear.onclick = async () => {
    await clearKept();
    await look();
  };
  engine.state.watch(async ({ kind }) => {
    if (kind !== 'ready') return;
    await engine.idle(); // what came is being kept
    await look();
  });
  return h('p', { class: 'row' }, said, clear);
}
