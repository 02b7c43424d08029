import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { joinBytes } from '#core/joinBytes.ts';
import type { StoredWeight } from '../convert/keras/weights.ts';
import type { Rows } from './rows.ts';

/** A model as TensorFlow.js loads it. */
export interface TfjsModel {
  /** `model.json` without its weights. */
  artifacts: Record<string, unknown>;
  weights: StoredWeight[];
  /** Of a graph model: where inputs go in and outputs come out, as `name` and `name:result`. */
  nodes?: { inputs: string[]; outputs: string[] };
}

export type Answer = { outputs: Rows[]; version: string } | { failed: string };

/** A process that loads TensorFlow.js while the model is converted. */
export class TfjsProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('tfjs.mjs', import.meta.url)), {
      serialization: 'advanced', // arrays of numbers as they are
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    this.#ended = new Promise((_, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
    });
    this.#ended.catch(() => {}); // looked at in run()
  }

  /** @param native with TensorFlow's library, where `clapper setup` has built it, instead of JavaScript alone. */
  async run(
    { artifacts, weights, nodes }: TfjsModel,
    { inputs, native, timeoutSeconds }: { inputs: Rows[]; native: boolean; timeoutSeconds: number },
  ): Promise<Answer> {
    const weightSpecs = weights.map(({ name, shape, data, imaginary }) => ({
      name,
      shape,
      dtype: imaginary ? 'complex64' : typeOf(data),
    }));
    const weightData = joinBytes(weights.map(bytesOf));
    const job = { artifacts, nodes, weightSpecs, weightData, inputs, native };
    const answer = new Promise<Answer>((resolve) => {
      this.#child.on('message', (message) => {
        if (!('ready' in (message as object))) resolve(message as Answer);
      });
      this.#child.send(job);
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>((resolve) => {
      timer = setTimeout(() => resolve({ failed: `it takes more than ${timeoutSeconds} s` }), timeoutSeconds * 1000);
    });
    try {
      return await Promise.race([answer, this.#ended, late]);
    } catch (error) {
      return { failed: (error as Error).message };
    } finally {
      clearTimeout(timer);
      this.end();
    }
  }

  end(): void {
    this.#child.kill();
  }
}

function typeOf(data: StoredWeight['data']): string {
  if (data instanceof Float32Array) return 'float32';
  return data instanceof Int32Array ? 'int32' : 'bool';
}

/** As tfjs stores them: of complex numbers, the real part before the imaginary one. */
function bytesOf({ data, imaginary }: StoredWeight): Uint8Array {
  const both = imaginary
    ? Float32Array.from({ length: 2 * data.length }, (_, i) => (i % 2 ? imaginary : data)[i >> 1] as number)
    : data;
  return new Uint8Array(both.buffer, both.byteOffset, both.byteLength);
}

/** Whether `clapper setup` has built TensorFlow's addon. */
export function hasNativeTfjs(): boolean {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json'));
    return existsSync(join(folder, 'lib/napi-v8/tfjs_binding.node'));
  } catch {
    return false;
  }
}
