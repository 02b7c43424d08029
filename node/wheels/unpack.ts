import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

export interface UnpackOptions {
  /** Which of its files, by their names inside the wheel. */
  keep: RegExp;
  folder: string;
}

/** Unpacks a wheel, which is a zip file. The files have reached the disk when this returns. */
export async function unpackWheel(wheel: string, { keep, folder }: UnpackOptions): Promise<void> {
  const zip = await yauzl.openPromise(wheel, { autoClose: false }); // refuses names that lead out of the folder
  try {
    for await (const entry of zip.eachEntry()) {
      if (!keep.test(entry.fileName)) continue;
      const path = join(folder, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'w', (entry.externalFileAttributes >>> 16) & 0o777 || 0o644);
      await pipeline(await zip.openReadStreamPromise(entry), file.createWriteStream({ flush: true }));
    }
  } finally {
    zip.close();
  }
}
