import { startEngine } from '../engine/client.ts';
import type { PictureInput, SoundInput } from '../engine/engine.ts';
import type { Backend, EngineSettings } from '../engine/settings.ts';
import { hostBackends } from './host.ts';

/** What one backend gives. */
export interface Measured {
  backend: Backend;
  /** The golden check's largest difference, as a share of the largest number in its row. */
  golden: number;
  /** Of the pair; null: there is none. */
  score: number | null;
  /** Of encoding both and comparing, once all is loaded. */
  milliseconds: number | null;
}

export type Comparison = Measured | { backend: Backend; error: string };

/** Runs the golden check and one pair in every backend that there is, one after the other, each in a worker of its own. */
export async function* compareBackends(
  settings: EngineSettings,
  pair: { sound: SoundInput; picture: PictureInput } | null,
): AsyncGenerator<Comparison> {
  for (const backend of hostBackends) {
    const engine = startEngine({ ...settings, backend });
    try {
      yield await measure(engine, backend, pair);
    } catch (error) {
      yield { backend, error: (error as Error).message };
    } finally {
      engine.stop();
    }
  }
}

async function measure(
  engine: ReturnType<typeof startEngine>,
  backend: Backend,
  pair: { sound: SoundInput; picture: PictureInput } | null,
): Promise<Measured> {
  const failed = new Promise<never>((_, reject) => {
    engine.state.watch((state) => state.kind === 'failed' && reject(state.error));
  });
  const report = await Promise.race([engine.ask.check(), failed]);
  const golden = Math.max(...Object.values(report.differences));
  if (!pair) return { backend, golden, score: null, milliseconds: null };
  const { score, milliseconds: parts } = await Promise.race([engine.ask.match(pair.sound, pair.picture), failed]);
  return { backend, golden, score, milliseconds: parts.audio + parts.image + parts.match };
}
