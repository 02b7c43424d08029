import type { EngineFacts } from './engine/engine.ts';
import { byId } from './page.ts';

/** Says what runs here, and whether it computes what the trained model computed. */
export function describeFacts({ manifest, golden, threads }: EngineFacts): void {
  byId('model-card', HTMLAnchorElement).href = `models/${manifest.name}/MODEL_CARD.md`;
  const passed = golden.failed.length === 0;
  const largest = Math.max(...Object.values(golden.differences)).toExponential(0);
  byId('facts', HTMLElement).textContent = [
    `Model “${manifest.name}” ${manifest.version}, run here by ONNX Runtime: WebAssembly, ${threads === 1 ? '1 thread' : `${threads} threads`}.`,
    passed && `Golden check passed: what it computes differs from what it computed in training by ${largest} at most.`,
  ]
    .filter(Boolean)
    .join(' ');
  const warning = byId('golden-warning', HTMLElement);
  warning.hidden = passed;
  warning.textContent = `Golden check failed: in this browser the model computes other numbers than it did in training (${golden.failed.join(', ')}). Do not trust its scores; another browser, or a fresh export of the bundle, may help.`;
}
