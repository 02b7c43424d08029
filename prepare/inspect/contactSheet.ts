import { encodeWav } from '#core/media/encodeWav.ts';
import { centreInWindow } from '#core/media/windows.ts';
import type { DrawnSamples, HeardSample, Sample, SeenSample } from './samples.ts';
import { spectrogramPicture } from './spectrogramPicture.ts';

export interface SheetOptions {
  title: string;
  /** Paragraphs above the samples. */
  facts: string[];
  sampleRate: number; // Hz
}

/** One page that needs nothing else: pictures beside spectrograms, each second of sound to play. */
export async function contactSheet(samples: DrawnSamples, { title, facts, sampleRate }: SheetOptions): Promise<string> {
  const cells = (list: Sample[]) => Promise.all(list.map((sample) => cell(sample, sampleRate)));
  const [matching, mismatched] = [await cells(samples.matching), await cells(samples.mismatched)];
  const section = (heading: string, list: string[]) =>
    list.length === 0 ? '' : `<section><h2>${heading}</h2>\n${list.join('\n')}\n</section>`;
  const columns = [
    section(mismatched.length > 0 ? 'Matching' : 'Samples', matching),
    section('Mismatched', mismatched),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<h1>${escapeHtml(title)}</h1>
${facts.map((fact) => `<p>${escapeHtml(fact)}</p>`).join('\n')}
<main>
${columns.join('\n')}
</main>
</html>
`;
}

const style = `
  body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; background: #fafafa }
  p { margin: .2rem 0 }
  main { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 2rem; margin-top: 1rem }
  figure { display: grid; grid-template-columns: 11rem 11rem; gap: .5rem; margin: 0 0 1rem }
  img { width: 11rem; height: 8.5rem; object-fit: contain; background: #eee }
  img.spectrogram { object-fit: fill; image-rendering: auto }
  figcaption, audio { grid-column: 1 / -1; width: 22.5rem }
  audio { height: 1.8rem }
`;

async function cell({ sound, picture }: Sample, sampleRate: number): Promise<string> {
  const media = [
    picture && `<img alt="" src="${dataUrl('image/jpeg', picture.jpeg)}">`,
    sound && `<img alt="spectrogram" class="spectrogram" src="${dataUrl('image/png', await view(sound, sampleRate))}">`,
    sound &&
      `<audio controls preload="none" src="${dataUrl('audio/wav', encodeWav(sound.waveform, sampleRate))}"></audio>`,
  ];
  return `<figure>${media.filter(Boolean).join('')}<figcaption>${caption(sound, picture)}</figcaption></figure>`;
}

function view({ waveform }: HeardSample, sampleRate: number): Promise<Buffer> {
  return spectrogramPicture(waveform.length < sampleRate ? centreInWindow(waveform, sampleRate) : waveform, sampleRate);
}

function caption(sound: HeardSample | null, picture: SeenSample | null): string {
  const name = ({ source, categories }: HeardSample['clip']) =>
    categories.length > 0 ? `${categories.join(', ')} (${source})` : source;
  const seen =
    picture && name(picture.clip) + (picture.timeSeconds === null ? '' : ` at ${picture.timeSeconds.toFixed(2)} s`);
  const heard = sound && `${name(sound.clip)} from ${sound.startSeconds.toFixed(2)} s`;
  return [seen, heard]
    .filter(Boolean)
    .map((text) => escapeHtml(text as string))
    .join('<br>');
}

function dataUrl(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
