import { closeSync, openSync, readSync } from 'node:fs';
import type { Shards } from '#core/datasets/clipFiles.ts';

const openFiles = 64; // of perhaps thousands

/** @param paths of the tar files, by number. */
export function openShards(paths: string[]): Shards {
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

  return { names: paths, read: (shard, offset, bytes) => readSync(open(shard), bytes, 0, bytes.length, offset) };
}
