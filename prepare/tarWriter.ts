import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { TarMember } from '#core/datasets/prepared.ts';
import { tarBlockBytes, tarHeader } from '#node/datasets/tarHeader.ts';

/** Writes a plain tar (USTAR): the same files in the same order give the same bytes, for no member has an owner or a time. */
export interface TarWriter {
  add(name: string, bytes: Uint8Array): Promise<TarMember>;
  /** Writes the end and closes the file. */
  end(): Promise<{ bytes: number; sha256: string }>;
  /** Closes the file, unfinished as it is. */
  abandon(): Promise<void>;
}

export async function createTar(path: string): Promise<TarWriter> {
  const file: FileHandle = await open(path, 'w');
  const sha256 = createHash('sha256');
  let offset = 0;
  const write = async (...parts: Uint8Array[]) => {
    for (const part of parts) {
      sha256.update(part);
      for (let done = 0; done < part.length; ) done += (await file.write(part, done)).bytesWritten;
      offset += part.length;
    }
  };
  return {
    async add(name, bytes) {
      await write(tarHeader(name, bytes.length));
      const member = { offset, bytes: bytes.length };
      await write(bytes, Buffer.alloc((tarBlockBytes - (bytes.length % tarBlockBytes)) % tarBlockBytes));
      return member;
    },
    async end() {
      await write(Buffer.alloc(2 * tarBlockBytes));
      await file.sync(); // the name that it gets next says that it is whole
      await file.close();
      return { bytes: offset, sha256: sha256.digest('hex') };
    },
    abandon: () => file.close(),
  };
}
