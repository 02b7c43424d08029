import { h } from './dom.ts';
import { text } from './text.ts';

export interface Intake {
  onPicture: (file: File) => void;
  onSound: (file: File) => void;
  /** It is neither. */
  onOther: (error: Error) => void;
}

/** Takes files that are dropped anywhere on the page, or pasted. */
export function takeFiles({ onPicture, onSound, onOther }: Intake): void {
  const veil = h('div', { class: 'veil', hidden: true }, h('p', {}, text.drop));
  document.body.append(veil);

  const take = (data: DataTransfer | null): boolean => {
    const files = [...(data?.files ?? [])];
    for (const file of files) {
      if (file.type.startsWith('image/')) onPicture(file);
      else if (/^(audio|video)\//.test(file.type)) onSound(file);
      else onOther(new Error(text.neither(file.name)));
    }
    return files.length > 0;
  };
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    veil.hidden = false;
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) veil.hidden = true;
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    veil.hidden = true;
    take(event.dataTransfer);
  });
  document.addEventListener('paste', (event) => {
    if (take(event.clipboardData)) event.preventDefault();
  });
}
