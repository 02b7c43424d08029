import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The disk is full for files of such a path; null: it has room. */
export const fullDisk: { paths: RegExp | null } = { paths: null };

function noSpace(): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error('ENOSPC: no space left on device, write');
  return Object.assign(error, { code: 'ENOSPC', errno: -28, syscall: 'write' });
}

const isFull = (path: unknown) => fullDisk.paths?.test(String(path)) ?? false;

for (const name of ['writeFile', 'appendFile'] as const) {
  const real = fs.promises[name] as (path: unknown, data: string | Buffer) => Promise<void>;
  fs.promises[name] = async (path: unknown, data: unknown) => {
    if (!isFull(path)) return real(path, data as string);
    await real(path, Buffer.from(data as string).subarray(0, 10)); // what there was room for
    throw noSpace();
  };
}

const realWriteFile = fs.writeFile;
fs.writeFile = ((path: fs.PathOrFileDescriptor, data: string | NodeJS.ArrayBufferView, ...rest: unknown[]) => {
  const callback = rest.at(-1) as fs.NoParamCallback;
  if (isFull(path)) callback(noSpace());
  else (realWriteFile as (...all: unknown[]) => void)(path, data, ...rest);
}) as typeof fs.writeFile;

syncBuiltinESMExports();
