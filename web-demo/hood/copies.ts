import type { Picture } from '../picture/picture.ts';
import type { Sound } from '../sound/sound.ts';

/** What is asked, as others can ask it of the server. */
export interface Question {
  /** The page's address, ending with a slash. */
  base: string;
  model: string;
  variant: string;
  picture: Picture | null;
  sound: Sound | null;
}

const place = ({ base, model }: Question, source: Picture['source'] | undefined) =>
  source?.kind === 'sample' ? `${base}models/${model}/${source.file}` : null;

/** Commands for a shell: examples are fetched first, own files are named. */
export function asCurl(question: Question): string {
  const { base, model, variant, picture, sound } = question;
  const [pictureUrl, soundUrl] = [place(question, picture?.source), place(question, sound?.source)];
  const pictureFile = pictureUrl?.split('/').at(-1) ?? 'photo.jpg';
  const soundFile = soundUrl?.split('/').at(-1) ?? 'sound.wav';
  const fetched = [pictureUrl, soundUrl].filter((url) => url !== null).map((url) => `curl -sO '${url}'`);
  return [
    ...fetched,
    `curl -s '${base}v1/correspondence' -F 'audio=@${soundFile}' -F 'image=@${pictureFile}' -F 'model=${model}' -F 'variant=${variant}'`,
  ].join('\n');
}

/** A JavaScript module, for browsers and Node. */
export function asFetch(question: Question): string {
  const { base, model, variant, picture, sound } = question;
  const read = (url: string | null, file: string) =>
    url
      ? `await (await fetch('${url}')).blob()`
      : `new Blob([await (await import('node:fs/promises')).readFile('${file}')])`;
  return `const form = new FormData();
form.set('audio', ${read(place(question, sound?.source), 'sound.wav')}, 'sound');
form.set('image', ${read(place(question, picture?.source), 'photo.jpg')}, 'picture');
form.set('model', '${model}');
form.set('variant', '${variant}');
const response = await fetch('${base}v1/correspondence', { method: 'POST', body: form });
console.log((await response.json()).score);
`;
}
