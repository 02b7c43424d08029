import { exportBundle } from '../../../export/export.ts';

// Exports the same run over and over, until killed.
const [checkpoint, out] = process.argv.slice(2) as [string, string];
for (let version = 2; ; version++) {
  await exportBundle({ checkpoint, out, version: String(version) });
  if (version === 2) process.stdout.write('exported once\n');
}
