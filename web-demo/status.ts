import { h } from './dom.ts';
import type { EngineClient } from './engine/client.ts';
import { createNotice } from './notice.ts';
import { text } from './text.ts';

/** One line on the model: how far it has come, what runs it, and what went wrong with it. */
export function createStatus(engine: EngineClient): HTMLElement {
  const words = h('p', { id: 'facts' });
  const bar = h('progress', { id: 'opening', 'aria-label': text.opening });
  const notice = createNotice('engine-error');
  const missing = h('p', { id: 'missing', class: 'quiet', hidden: true });
  let check = 0;

  async function checkModel(said: string) {
    const own = ++check;
    words.textContent = `${said} ${text.checking}`;
    await engine.idle(); // the first verdict first
    if (own !== check) return;
    const report = await engine.ask.check().catch((error: Error) => {
      // A model that was started anew meanwhile is checked by its own turn.
      if (own === check && engine.state.value.kind === 'ready') engine.refuse(error);
      return null;
    });
    if (report && own === check)
      words.textContent = `${said} ${text.checked(Math.max(...Object.values(report.differences)))}`;
  }

  engine.state.watch((state) => {
    bar.hidden = state.kind !== 'opening';
    words.hidden = state.kind === 'failed';
    missing.hidden = true;
    if (state.kind === 'failed') {
      check++;
      notice.show(new Error(`${text.failedOpening}. ${state.error.message}`), () => engine.restart());
      return;
    }
    notice.clear();
    if (state.kind === 'opening') {
      const { progress } = state;
      words.textContent = progress ? text.openingBytes(progress.bytes, progress.totalBytes) : text.opening;
      if (progress && progress.bytes < progress.totalBytes) bar.value = progress.bytes / progress.totalBytes;
      else bar.removeAttribute('value');
      return;
    }
    const { threads, missing: lost } = state.facts;
    const { backend, variant } = engine.settings;
    const name = engine.shelf.value?.manifest.name ?? '';
    missing.hidden = lost.length === 0;
    missing.textContent = lost.map(({ classifier, reason }) => text.missing(classifier, reason)).join(' ');
    checkModel(text.facts(name, variant, text.runsBy(text.backends[backend], threads)));
  });
  return h('div', { class: 'status', id: 'status' }, words, bar, missing, notice.element);
}
