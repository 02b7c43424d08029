import type { EngineFacts } from './engine/engine.ts';
import { byId } from './page.ts';

/** Says what runs here, and how near it comes to what the trained model computed. */
export function describeFacts({ manifest, golden, threads }: EngineFacts): void {
  byId('model-card', HTMLAnchorElement).href = `models/${manifest.name}/MODEL_CARD.md`;
  const largest = Math.max(...Object.values(golden.differences)).toExponential(0);
  byId('facts', HTMLElement).textContent = [
    `Model “${manifest.name}” ${manifest.version}, run here by ONNX Runtime: WebAssembly, ${threads === 1 ? '1 thread' : `${threads} threads`}.`,
    `Golden check passed: what it computes differs from what it computed in training by ${largest} at most.`,
  ].join(' ');
}
