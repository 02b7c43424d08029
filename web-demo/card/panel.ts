import { Marked } from 'marked';
import type { App, Panel } from '../app.ts';
import { download } from '../delivery/download.ts';
import { h } from '../dom.ts';
import { createNotice } from '../notice.ts';
import { text } from '../text.ts';

/** The bundle's model card, as a page. */
export function createCardPanel({ manifest }: App): Panel {
  const notice = createNotice('card-error');
  const article = h('article', { id: 'card', class: 'prose' });
  async function load() {
    try {
      const markdown = new TextDecoder().decode(await download(`models/${manifest.name}/MODEL_CARD.md`));
      article.innerHTML = render(markdown, `models/${manifest.name}/`);
      for (const corner of article.querySelectorAll('th:empty')) corner.replaceWith(h('td'));
      for (const block of article.querySelectorAll<HTMLElement>('pre, table')) block.tabIndex = 0; // they scroll
    } catch (error) {
      notice.show(error, load);
    }
  }
  load();
  return { element: h('section', { class: 'card', 'aria-label': text.panels.card }, notice.element, article) };
}

/** @returns HTML of headings, lists, tables, code and links alone: tags in the text are shown as text, comments not at all, links lead to the web or to files of the bundle's folder. */
function render(markdown: string, folder: string): string {
  const withoutHead = markdown.replace(/^---\n[\s\S]*?\n---\n/, '');
  const escapeHtml = (letters: string) => letters.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return new Marked({
    gfm: true,
    async: false,
    renderer: {
      html: ({ text }) => escapeHtml(text.replace(/<!--[\s\S]*?-->/g, '')),
      image: ({ text }) => escapeHtml(text),
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens);
        const url = /^https?:/.test(href) ? href : /^[^:#]+$/.test(href) ? folder + href : null;
        return url === null ? words : `<a href="${escapeHtml(url)}">${words}</a>`;
      },
    },
  }).parse(withoutHead) as string;
}
