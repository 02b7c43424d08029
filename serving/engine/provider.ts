import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { InputError } from '#core/errors.ts';
import { cacheFolder } from '#node/cacheFolder.ts';
import { cudaEnvironment, isOnnxRuntimeCudaLinked } from '#node/onnxRuntimeCuda.ts';
import type { Plan } from './plan.ts';
import type { Provider } from './protocol.ts';

export interface ChosenProvider {
  provider: Provider;
  /** Why it is not the one that was hoped for. */
  reason: string | null;
}

/** What the models run on. */
export type Runtime = ChosenProvider & Plan;

/**
 * @param device `auto`: CUDA where it runs, else the processor.
 * @throws {InputError} where the device that was asked for does not run, saying why.
 */
export async function chooseProvider(device: 'auto' | Provider): Promise<ChosenProvider> {
  if (device === 'cpu') return { provider: 'cpu', reason: null };
  const wanted = device === 'auto' ? 'cuda' : device;
  const reason = await whyNot(wanted);
  if (reason === null) return { provider: wanted, reason: null };
  if (device === 'auto') return { provider: 'cpu', reason };
  throw new InputError(`Expected ${wanted} to run ONNX Runtime but ${reason}. --device cpu does without.`);
}

/** @returns null where it runs. */
async function whyNot(provider: 'cuda' | 'webgpu'): Promise<string | null> {
  if (provider === 'cuda') {
    if (!existsSync('/dev/nvidiactl')) return 'this machine has no NVIDIA GPU (no /dev/nvidiactl)';
    if (!isOnnxRuntimeCudaLinked()) {
      return "ONNX Runtime's CUDA provider is not set up: run npx clapper setup --gpu";
    }
  }
  return tryProvider(provider);
}

/** A graph of one Identity node, of opset 17: enough to see whether a provider initialises. */
const identity = 'CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBE=';

const program = `
const ort = await import(process.argv[1]);
const session = await ort.InferenceSession.create(Buffer.from(process.argv[2], 'base64'), { executionProviders: [process.argv[3]] });
await session.run({ x: new ort.Tensor('float32', [1], [1]) });
`;

/** In a process of its own: ONNX Runtime says the reason on stderr alone, and a driver may take the process down. */
function tryProvider(provider: string): Promise<string | null> {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  const args = ['--input-type=module', '--eval', program, runtime, identity, provider];
  return new Promise((resolve) => {
    const env = provider === 'cuda' ? cudaEnvironment(cacheFolder()) : undefined; // undefined: this process'
    execFile(process.execPath, args, { timeout: 60_000, env }, (error, _, stderr) => {
      if (!error) return resolve(null);
      const lines = stderr.split('\n').map((line) => line.trim());
      const telling =
        lines.find((line) => /error|fail|not |cannot/i.test(line)) ?? lines.find(Boolean) ?? error.message;
      resolve(`it does not start: ${telling}`);
    });
  });
}
