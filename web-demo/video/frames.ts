import { text } from '../text.ts';

/** A video file that frames are taken of. */
export interface Frames {
  seconds: number;
  /** @returns a picture file of what is seen at a time. */
  at(seconds: number): Promise<Blob>;
}

/** No larger than models need; of a large video each frame would take long to hand over. */
const shortSide = 288;

/** @param url of the file. @throws {Error} where the browser cannot show it. */
export async function openFrames(url: string): Promise<Frames> {
  const video = document.createElement('video');
  video.muted = true;
  video.preload = 'auto';
  video.src = url;
  await happened(video, 'loadeddata');
  if (video.duration === Number.POSITIVE_INFINITY) {
    // What browsers record does not say how long it is, until its end was looked for.
    const atEnd = happened(video, 'seeked');
    video.currentTime = Number.MAX_SAFE_INTEGER;
    await atEnd;
  }
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || !Number.isFinite(video.duration)) throw new Error(text.video.unreadable);
  const scale = Math.min(1, shortSide / Math.min(videoWidth, videoHeight));
  const canvas = new OffscreenCanvas(Math.round(videoWidth * scale), Math.round(videoHeight * scale));
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  return {
    seconds: video.duration,
    async at(seconds) {
      const seeked = happened(video, 'seeked');
      video.currentTime = seconds;
      await seeked;
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      return canvas.convertToBlob({ type: 'image/png' });
    },
  };
}

/** A frame that takes longer does not come. */
const patienceMs = 10_000;

function happened(video: HTMLVideoElement, event: 'loadeddata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(text.video.unreadable));
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener('error', fail, { once: true });
    setTimeout(fail, patienceMs);
  });
}
