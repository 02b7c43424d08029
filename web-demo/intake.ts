import { h } from './dom.ts';

/** Files by what they hold. */
export interface Taken {
  pictures: File[];
  sounds: File[];
  /** With frames: what was only recorded as sound is a sound. */
  videos: File[];
  others: File[];
}

/** Takes files that are dropped anywhere on the page, or pasted. @param invitation is shown while files are dragged over it. */
export function takeFiles(invitation: string, onFiles: (taken: Taken) => void): void {
  const veil = h('div', { class: 'veil', hidden: true }, h('p', {}, invitation));
  document.body.append(veil);

  const take = (data: DataTransfer | null): boolean => {
    const files = [...(data?.files ?? [])];
    if (files.length > 0) sortFiles(files).then(onFiles);
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

export async function sortFiles(files: readonly File[]): Promise<Taken> {
  const taken: Taken = { pictures: [], sounds: [], videos: [], others: [] };
  const kinds = await Promise.all(files.map(kindOf));
  for (const [i, file] of files.entries()) taken[kinds[i] as keyof Taken].push(file);
  return taken;
}

async function kindOf(file: File): Promise<keyof Taken> {
  if (file.type.startsWith('image/')) return 'pictures';
  if (file.type.startsWith('audio/')) return 'sounds';
  if (file.type.startsWith('video/')) return (await hasFrames(file)) ? 'videos' : 'sounds';
  if (file.type && !/^application\/(ogg|octet-stream)$/.test(file.type)) return 'others';
  // Names that the system does not know have no type: their first bytes decide.
  return kindOfBytes(
    await file
      .slice(0, 16)
      .arrayBuffer()
      .catch(() => new ArrayBuffer(0)),
  );
}

/** The first bytes of what `core/media` decodes, and of pictures that browsers show; MPEG's frames begin with eleven bits that are set. */
const soundStarts =
  /^((RIFF|RF64|BW64)....WAVE|OggS|fLaC|ID3|\xff[\xe0-\xff]|....ftyp(M4A|M4B|mp4|isom|qt)|.E\xdf\xa3)/s;
const pictureStarts = /^(\xff\xd8\xff|\x89PNG|GIF8|BM|RIFF....WEBP|....ftyp(avif|heic|mif1))/s;

function kindOfBytes(bytes: ArrayBuffer): 'pictures' | 'sounds' | 'others' {
  const start = String.fromCharCode(...new Uint8Array(bytes));
  if (pictureStarts.test(start)) return 'pictures';
  return soundStarts.test(start) ? 'sounds' : 'others';
}

/** What was only recorded as sound may have a video's type too, as `.webm`. */
function hasFrames(file: File): Promise<boolean> {
  const video = h('video', { preload: 'metadata', src: URL.createObjectURL(file) });
  return new Promise<boolean>((resolve) => {
    video.onloadedmetadata = () => resolve(video.videoWidth > 0);
    video.onerror = () => resolve(false);
  }).finally(() => URL.revokeObjectURL(video.src));
}
