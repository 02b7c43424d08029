import { h } from '../dom.ts';
import { text } from '../text.ts';
import { type Camera, openCamera } from './camera.ts';

const words = text.picture;

/** A button that shows what the camera sees over a stage, until a photo is taken or not. */
export function createCameraButton(options: {
  stage: HTMLElement;
  onPhoto: (photo: Blob) => void;
  onError: (error: unknown, retry: () => void) => void;
}): { element: HTMLButtonElement; close(): void } {
  const element = h('button', { type: 'button', id: 'camera', onclick: () => start() }, words.camera);
  let close: (() => void) | null = null;
  let run = 0;

  async function start(): Promise<void> {
    const own = ++run;
    element.disabled = true;
    try {
      const camera = await openCamera(fail);
      if (own === run) show(camera);
      else camera.close(); // left while the visitor was asked
    } catch (error) {
      if (own === run) fail(error);
    }
  }

  function fail(error: unknown): void {
    end();
    options.onError(error, start);
  }

  function show(camera: Camera): void {
    const shoot = h('button', { type: 'button', id: 'take-photo', class: 'primary' }, words.take);
    shoot.onclick = () =>
      camera.take().then((photo) => {
        end();
        options.onPhoto(photo);
      }, fail);
    const overlay = h(
      'div',
      { class: 'camera', onkeydown: ({ key }) => key === 'Escape' && end() },
      camera.view,
      h('div', { class: 'over' }, shoot, h('button', { type: 'button', onclick: end }, words.close)),
    );
    close = () => {
      camera.close();
      const hadFocus = overlay.contains(document.activeElement);
      overlay.remove();
      if (hadFocus) element.focus();
    };
    options.stage.append(overlay);
    shoot.focus();
  }

  function end(): void {
    run++;
    element.disabled = false;
    close?.();
    close = null;
  }
  return { element, close: end };
}
