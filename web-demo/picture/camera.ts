import { h } from '../dom.ts';
import { text } from '../text.ts';

export interface Camera {
  /** What it sees, live. */
  view: HTMLVideoElement;
  take(): Promise<Blob>;
  close(): void;
}

/**
 * @param onEnd is told why it stopped by itself.
 * @throws {Error} with a message for people, where there is no camera or it is not allowed.
 */
export async function openCamera(onEnd: (error: Error) => void): Promise<Camera> {
  const stream = await openStream();
  for (const track of stream.getTracks()) track.onended = () => onEnd(new Error(text.camera.stopped));
  const view = h('video', { autoplay: true, muted: true, playsInline: true, 'aria-label': text.picture.cameraView });
  view.srcObject = stream;
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  await view.play().catch(({ message }: DOMException) => {
    close();
    throw new Error(text.camera.broken(message));
  });
  return {
    view,
    async take() {
      const canvas = h('canvas', { width: view.videoWidth, height: view.videoHeight });
      canvas.getContext('2d')?.drawImage(view, 0, 0);
      return new Promise((resolve, reject) =>
        canvas.toBlob((photo) => (photo ? resolve(photo) : reject(new Error(text.camera.broken('no picture came'))))),
      );
    },
    close,
  };
}

async function openStream(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new Error(text.camera.insecure);
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 640 } } });
  } catch (error) {
    const { name, message } = error as DOMException;
    if (name === 'NotAllowedError') throw new Error(text.camera.denied);
    if (name === 'NotFoundError') throw new Error(text.camera.missing);
    throw new Error(text.camera.broken(message || name));
  }
}
