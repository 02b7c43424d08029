import { h } from './dom.ts';
import { text } from './text.ts';

export interface Intake {
  onPicture: (file: File) => void;
  onSound: (file: File) => void;
  /** Default: of a video only the sound is taken. */
  onVideo?: ((file: File) => void) | undefined;
  /** It is neither. */
  onOther: (error: Error) => void;
}

/** Takes files that are dropped anywhere on the page, or pasted. */
export function takeFiles({ onPicture, onSound, onVideo, onOther }: Intake): void {
  const veil = h('div', { class: 'veil', hidden: true }, h('p', {}, onVideo ? text.drop.orVideo : text.drop.two));
  document.body.append(veil);

  const takeVideo = async (file: File) => (onVideo && (await hasFrames(file)) ? onVideo(file) : onSound(file));
  const take = (data: DataTransfer | null): boolean => {
    const files = [...(data?.files ?? [])];
    for (const file of files) {
      if (file.type.startsWith('image/')) onPicture(file);
      else if (file.type.startsWith('audio/')) onSound(file);
      else if (file.type.startsWith('video/')) takeVideo(file);
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

/** What was only recorded as sound may have a video's type too, as `.webm`. */
function hasFrames(file: File): Promise<boolean> {
  const video = h('video', { preload: 'metadata', src: URL.createObjectURL(file) });
  return new Promise<boolean>((resolve) => {
    video.onloadedmetadata = () => resolve(video.videoWidth > 0);
    video.onerror = () => resolve(false);
  }).finally(() => URL.revokeObjectURL(video.src));
}
