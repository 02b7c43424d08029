import { h } from './dom.ts';
import { bySubject, type Sample, wordFor } from './samples.ts';

/** A button for each subject; pressed again, it gives the subject's next sample. @param kind pictures are shown, sounds are named. */
export function createStrip(
  samples: Sample[],
  options: { id: string; kind: 'picture' | 'sound'; legend: string; onPick: (sample: Sample) => void },
): HTMLElement {
  const strip = h('div', { id: options.id, class: `strip ${options.kind}s` });
  for (const [subject, ofSubject] of bySubject(samples)) {
    let next = 0;
    const button = h('button', {
      type: 'button',
      onclick() {
        options.onPick(ofSubject[next] as Sample);
        next = (next + 1) % ofSubject.length;
        offer();
      },
    });
    const offer = () => {
      const { title, url } = ofSubject[next] as Sample;
      button.title = title;
      button.ariaLabel = options.kind === 'picture' ? title : `${wordFor(subject)}: ${title}`;
      if (options.kind === 'picture') button.style.backgroundImage = `url("${url}")`;
      else button.textContent = wordFor(subject);
    };
    offer();
    strip.append(button);
  }
  return h('fieldset', {}, h('legend', { class: 'visually-hidden' }, options.legend), strip);
}
