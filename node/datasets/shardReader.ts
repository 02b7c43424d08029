import { closeSync, openSync, readSync } from 'node:fs';
import { InputError } from '#core/errors.ts';

/** Reads parts of the shards. */
export interface ShardReader {
  /** @param what is read, for the message. @throws {InputError} where the file is gone or ends before. */
  read(shard: number, offset: number, bytes: Uint8Array, what: string): void;
  /** @returns the error for bytes that are not what they should be. */
  damaged(shard: number, what: string, reason: string): InputError;
}

const openFiles = 64; // of perhaps thousands

export function createShardReader(paths: string[]): ShardReader {
  const handles = new Map<number, number>();

  const open = (shard: number) => {
    const known = handles.get(shard);
    if (known !== undefined) return known;
    const [oldest] = handles;
    if (oldest && handles.size === openFiles) {
      closeSync(oldest[1]);
      handles.delete(oldest[0]);
    }
    const handle = openSync(paths[shard] as string, 'r');
    handles.set(shard, handle);
    return handle;
  };

  const damaged = (shard: number, what: string, reason: string) =>
    new InputError(
      `Expected ${what} in ${paths[shard]} but ${reason}. Prepare the dataset again: npx clapper prepare --help`,
      'unreadable_media',
    );

  return {
    read(shard, offset, bytes, what) {
      let length: number;
      try {
        length = readSync(open(shard), bytes, 0, bytes.length, offset);
      } catch (cause) {
        throw damaged(shard, what, `the file cannot be read (${(cause as Error).message})`);
      }
      if (length < bytes.length)
        throw damaged(shard, what, `the file ends ${bytes.length - length} bytes before it does`);
    },
    damaged,
  };
}
