import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { TarMember } from '#core/datasets/prepared.ts';

const blockBytes = 512;

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
      await write(header(name, bytes.length));
      const member = { offset, bytes: bytes.length };
      await write(bytes, Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes));
      return member;
    },
    async end() {
      await write(Buffer.alloc(2 * blockBytes));
      await file.sync(); // the name that it gets next says that it is whole
      await file.close();
      return { bytes: offset, sha256: sha256.digest('hex') };
    },
    abandon: () => file.close(),
  };
}

/** @param name at most 100 characters of ASCII. */
function header(name: string, bytes: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, digits: number) => block.write(value.toString(8).padStart(digits, '0'), at);
  block.write(name, 0, 'latin1');
  octal(0o644, 100, 7);
  octal(0, 108, 7); // user
  octal(0, 116, 7); // group
  octal(bytes, 124, 11);
  octal(0, 136, 11); // time of change
  block.fill(' ', 148, 156); // as which the sum counts itself
  block.write('0', 156); // a file
  block.write('ustar\x0000', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  block.write('\0 ', 154, 'latin1');
  return block;
}
