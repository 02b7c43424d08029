import { existsSync } from 'node:fs';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { lastLines, run } from '#node/run.ts';
import { addonPath } from './addonPath.ts';
import type { Device, SetupReport } from './setupReport.ts';

export interface InstallOptions {
  device: Device;
  packageFolder: string;
  output: ProgressOutput;
}

/** Where there is no wheel with the C library (macOS, Windows, Alpine): tfjs' own script and its older TensorFlow. */
export async function installWithTfjs({ device, packageFolder, output }: InstallOptions): Promise<SetupReport> {
  const startMs = performance.now();
  const addon = addonPath(packageFolder);
  if (!existsSync(addon)) {
    output.write('TensorFlow 2.21 is provided on Linux with glibc; here tfjs installs the one it was made for …\n');
    const script = ['scripts/install.js', device, 'download'];
    const { code, output: log } = await run(process.execPath, script, { cwd: packageFolder });
    if (code !== 0 || !existsSync(addon)) {
      throw new InputError(
        `Training runs on Linux (x64 or arm64, glibc); this is ${process.platform}-${process.arch}. tfjs' own installation was tried ` +
          `and failed:\n${lastLines(log)}\nTrain in a Linux container or under WSL. Serving and the page need no TensorFlow: npm start`,
        'not_found',
      );
    }
  }
  output.write('TensorFlow is set up.\n');
  return { tensorflow: '2.9.1', device, addon, seconds: (performance.now() - startMs) / 1000 };
}
