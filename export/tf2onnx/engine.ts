import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { makeOnce } from '#node/makeOnce.ts';
import type { Job, Places } from './jobs.ts';

const run = promisify(execFile);

export const engines = ['docker', 'podman', 'buildah', 'venv'] as const;
export type Engine = (typeof engines)[number];

export interface EngineOptions {
  engine: Engine;
  /** For the environment of `venv`. */
  cacheFolder: string;
  /** Of the container, with Python 3.11 and venv; default that of the Containerfile. */
  baseImage?: string | undefined;
  /** `chroot`, where containers may not have namespaces of their own (podman and buildah know it). */
  isolation?: 'chroot' | undefined;
  /** Handed to `build` and `run`: mounts, for example of certificates, and environment variables. */
  containerFlags?: readonly string[];
  output: ProgressOutput;
}

const files = ['Containerfile', 'convert.py', 'requirements.lock'] as const;
const pathTo = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/**
 * Runs `convert.py`, in an environment that is made the first time.
 *
 * @param jobs of the places where the program sees input and output.
 * @param folders where they are: `input` is only read.
 * @throws {InputError} with what the engine or the program said.
 */
export async function runConverter(
  jobs: (places: Places) => Job[],
  folders: Places,
  options: EngineOptions,
): Promise<void> {
  const { engine } = options;
  const places = engine === 'venv' ? folders : { input: '/in', output: '/work' };
  const list = join(folders.output, 'jobs.json');
  await writeFile(list, JSON.stringify(jobs(places)));
  if (engine === 'venv') {
    const python = await environment(options);
    await call(python, [pathTo('convert.py'), list], 'convert.py');
  } else {
    await runContainer(folders, await image(options), options);
  }
  await rm(list);
}

/** @returns the Python of a virtual environment that holds just what the lock names. */
async function environment({ cacheFolder, output }: EngineOptions): Promise<string> {
  const folder = join(cacheFolder, `tf2onnx-${await digest(['requirements.lock'])}`);
  await makeOnce(folder, {
    onWait: (owner) => output.write(`Another export is installing it (process ${owner}); waiting for it.\n`),
    // Its Python finds what is installed wherever the folder comes to stand; other programs in `bin` do not.
    async make(unfinished) {
      const python = await python311();
      output.write('Installing TensorFlow 2.15 and tf2onnx for Python 3.11 (once; 1.5 GB) …\n');
      await call(python, ['-m', 'venv', unfinished], 'venv');
      const install = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--require-hashes'];
      await call(join(unfinished, 'bin', 'python'), [...install, '-r', pathTo('requirements.lock')], 'pip');
    },
  });
  return join(folder, 'bin', 'python');
}

async function python311(): Promise<string> {
  for (const python of ['python3.11', 'python3', 'python']) {
    const version = await run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).catch(() => null);
    if (version?.stdout.trim() === '3.11') return python;
  }
  throw new InputError(
    'Expected Python 3.11 (python3.11 or python3), which TensorFlow 2.15 and tf2onnx ask for, but found none. ' +
      'Install it, or take a container: --engine docker, podman or buildah.',
    'not_found',
  );
}

/** @returns the name of the image, built the first time. */
async function image({ engine, baseImage, isolation, containerFlags = [], output }: EngineOptions): Promise<string> {
  const name = `localhost/clapper-tf2onnx:${await digest(files, baseImage)}`;
  const exists =
    engine === 'docker'
      ? ['image', 'inspect', name]
      : engine === 'podman'
        ? ['image', 'exists', name]
        : ['inspect', '--type', 'image', name];
  if (
    await run(engine, exists).then(
      () => true,
      () => false,
    )
  )
    return name;
  output.write(`Building the image ${name} with ${engine} (once; 2 GB) …\n`);
  const context = await mkdtemp(join(tmpdir(), 'clapper-tf2onnx-'));
  try {
    for (const file of files) await cp(pathTo(file), join(context, file));
    const flags = [
      ...isolationFlags(isolation),
      ...containerFlags,
      ...(baseImage ? ['--build-arg', `BASE=${baseImage}`] : []),
    ];
    await call(
      engine,
      ['build', ...flags, '-t', name, '-f', join(context, 'Containerfile'), context],
      `${engine} build`,
    );
    return name;
  } finally {
    await rm(context, { recursive: true });
  }
}

async function runContainer({ input, output }: Places, image: string, options: EngineOptions): Promise<void> {
  const { engine, isolation, containerFlags = [] } = options;
  const mounts = ['-v', `${input}:/in:ro`, '-v', `${output}:/work`];
  if (engine !== 'buildah' && isolation === undefined) {
    await call(engine, ['run', '--rm', ...containerFlags, ...mounts, image, '/work/jobs.json'], `${engine} run`);
    return;
  }
  // Under chroot isolation there is `buildah run` alone, which does not know the image's entry point.
  const container = (await call('buildah', ['from', image], 'buildah from')).trim();
  try {
    const program = ['/opt/tf2onnx/venv/bin/python', '/opt/tf2onnx/convert.py', '/work/jobs.json'];
    await call(
      'buildah',
      ['run', ...isolationFlags(isolation), ...containerFlags, ...mounts, container, '--', ...program],
      'buildah run',
    );
  } finally {
    await call('buildah', ['rm', container], 'buildah rm');
  }
}

function isolationFlags(isolation: 'chroot' | undefined): string[] {
  return isolation ? [`--isolation=${isolation}`] : [];
}

/** Of all that the environment is made of. */
async function digest(names: readonly string[], ...more: (string | undefined)[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of names) hash.update(await readFile(pathTo(file)));
  return hash.update(more.join()).digest('hex').slice(0, 12);
}

async function call(program: string, args: string[], what: string): Promise<string> {
  try {
    return (await run(program, args, { maxBuffer: 1e8 })).stdout;
  } catch (cause) {
    const { code, stderr, message } = cause as Error & { code?: string; stderr?: string };
    if (code === 'ENOENT')
      throw new InputError(`Expected the program ${program} but it is not installed.`, 'not_found', { cause });
    const said = (stderr || message).trim().split('\n').slice(-12).join('\n');
    throw new InputError(`${what} failed:\n${said}`, 'invalid_request', { cause });
  }
}
