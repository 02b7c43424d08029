import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { lastLines, run } from '../run.ts';
import type { Wheel } from './wheel.ts';

/** A pip that answers, as program and first arguments. */
export type Pip = [program: string, ...args: string[]];

/** @throws {InputError} where there is none, or an old one, with the command that installs it. */
export async function findPip(): Promise<Pip> {
  const candidates: Pip[] = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];
  let old = '';
  for (const pip of candidates) {
    const [program, ...args] = pip;
    const { code, output } = await run(program, [...args, '--version']);
    const [version, major, minor] = /(\d+)\.(\d+)\S*/.exec(output) ?? [];
    if (code !== 0 || version === undefined) continue;
    if (Number(major) > 20 || (Number(major) === 20 && Number(minor) >= 3)) return pip; // knows wheels for today's glibc
    old ||= `${pip.join(' ')} is version ${version}`;
  }
  if (old) {
    throw new InputError(
      `Expected pip 20.3 or newer, which downloads libraries, but ${old}.\n` +
        'Run `python3 -m pip install --user --upgrade pip`, then the same command again',
    );
  }
  throw new InputError(
    'Expected Python with pip, which downloads libraries, but neither `python3 -m pip` nor `pip3` answers.\n' +
      'Install it (Debian, Ubuntu: `sudo apt-get install -y python3-pip`), then run the same command again',
    'not_found',
  );
}

export interface DownloadOptions {
  pip: Pip;
  /** As in the wheel's name: `x86_64`, `aarch64`. */
  machine: string;
  folder: string;
  /** Bytes of this wheel so far. */
  onProgress: (bytes: number) => void;
}

/**
 * Downloads one wheel through pip, so that a mirror, proxy or certificate that pip is told of is used here too.
 *
 * @returns the wheel's path in `folder`.
 * @throws {InputError} where it cannot be had or is not the one that is expected.
 */
export async function downloadWheel(wheel: Wheel, options: DownloadOptions): Promise<string> {
  const { pip, machine, folder, onProgress } = options;
  const [program, ...pipArgs] = pip;
  await mkdir(folder, { recursive: true });
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);

  // The machine is named, so that any Python of the user's will do; its code in the wheel is not run.
  const platforms = ['2_28', '2_27', '2_17', '2_12', '2_5'].flatMap((glibc) => [
    '--platform',
    `manylinux_${glibc}_${machine}`,
  ]);
  const python = ['--python-version', '3.12', '--implementation', 'cp'];
  const target = [...platforms, ...python, '--abi', 'cp312', '--abi', 'none'];
  const from = ['--require-hashes', '--no-deps', '--only-binary=:all:', '-r', requirements];
  const watch = setInterval(async () => onProgress(await wheelBytes(folder)), 250);
  const { code, output } = await run(
    program,
    [...pipArgs, 'download', '--no-cache-dir', '--progress-bar', 'off', ...target, ...from, '--dest', folder],
    // pip keeps a download in the temporary folder until it is whole: there it can be watched, and goes with ours.
    { env: { ...process.env, TMPDIR: folder, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: '0' } },
  );
  clearInterval(watch);

  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (code === 0 && file) return join(folder, file);
  throw new InputError(explain(wheel, output), 'not_found');
}

function explain({ name, version, sha256 }: Wheel, output: string): string {
  const what = `${name} ${version}`;
  if (/DO NOT MATCH THE HASHES/i.test(output)) {
    return (
      `Expected ${what} with sha256 ${sha256} but the package index gave another file.\n${lastLines(output)}\n` +
      'Run the same command again. If it stays so, the index that pip uses (`pip config list`) is not to be trusted.'
    );
  }
  return (
    `Expected to download ${what} with pip but it failed:\n${lastLines(output)}\n` +
    'Check the network, and the proxy and index that pip uses (`pip config list`), then run the same command again'
  );
}

/** What has arrived, wherever pip keeps it: in `folder` itself or in a folder of its own there. */
async function wheelBytes(folder: string): Promise<number> {
  let largest = 0;
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    if (!name.endsWith('.whl')) continue;
    const info = await stat(join(folder, name)).catch(() => null); // pip may have moved it just now
    largest = Math.max(largest, info?.size ?? 0);
  }
  return largest;
}
