import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LayersModel } from '../convert/keras/layersModel.ts';
import type { Rows } from './rows.ts';

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
    { topology, weights }: LayersModel,
    { inputs, native, timeoutSeconds }: { inputs: Rows[]; native: boolean; timeoutSeconds: number },
  ): Promise<Answer> {
    const list = [...weights.values()];
    const weightData = new Float32Array(list.reduce((sum, { data }) => sum + data.length, 0));
    let at = 0;
    for (const { data } of list) {
      weightData.set(data, at);
      at += data.length;
    }
    const job = { topology, weights: list.map(({ name, shape }) => ({ name, shape })), weightData, inputs, native };
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

/** Whether `clapper setup` has built TensorFlow's addon. */
export function hasNativeTfjs(): boolean {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json'));
    return existsSync(join(folder, 'lib/napi-v8/tfjs_binding.node'));
  } catch {
    return false;
  }
}
