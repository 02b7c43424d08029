import { readSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { LargeFile, Task, TaskMessage } from './protocol.ts';

// Large files go to a worker beside the message that they belong to, through a pipe: within it each would be copied twice on this side and
// three times on the other. What is small is sent sooner within it.

const leastBytes = 2 ** 15;
const nothing = new Uint8Array(0);
const isLarge = (file: Uint8Array): boolean => file.length >= leastBytes;

/** @returns the tasks without their large files, which stay as they are, and where those belong. */
export function withoutLargeFiles(tasks: Task[]): Pick<TaskMessage, 'tasks' | 'largeFiles'> & { files: Uint8Array[] } {
  const files: Uint8Array[] = [];
  const largeFiles: LargeFile[] = [];
  const rest = tasks.map((task, taskNumber) => {
    if (task.task !== 'media' || !task.items.some(({ from }) => 'file' in from && isLarge(from.file))) return task;
    const items = task.items.map((item, itemNumber) => {
      if (!('file' in item.from) || !isLarge(item.from.file)) return item;
      files.push(item.from.file);
      largeFiles.push({ task: taskNumber, item: itemNumber, bytes: item.from.file.length });
      return { ...item, from: { file: nothing } };
    });
    return { ...task, items };
  });
  return { tasks: rest, largeFiles, files };
}

/** Sends them behind the message that says where they belong. */
export function sendFiles(pipe: Writable, files: Uint8Array[]): void {
  for (const file of files) pipe.write(file);
}

/** What holds a message's files, for the next: to make room anew for each takes as long as to fill it. */
let room = new Uint8Array(0);
const mostKeptBytes = 2 ** 21;

/**
 * Puts a message's large files back in their places; they hold until those of the next are read. It waits for them: they are on their way, and
 * there is nothing else to do.
 *
 * @param pipe a file descriptor.
 * @throws {Error} where the pipe ends.
 */
export function readLargeFiles(pipe: number, { tasks, largeFiles }: TaskMessage): void {
  const total = largeFiles.reduce((sum, { bytes }) => sum + bytes, 0);
  const target = total <= room.length ? room : new Uint8Array(total);
  if (total <= mostKeptBytes) room = target;
  let start = 0;
  for (const { task, item, bytes } of largeFiles) {
    const file = target.subarray(start, start + bytes);
    for (let filled = 0; filled < bytes; ) {
      const count = readSync(pipe, file, filled, bytes - filled, null);
      if (count === 0) throw new Error('The pipe that files come through has ended.');
      filled += count;
    }
    const owner = tasks[task];
    if (owner?.task === 'media' && owner.items[item]) owner.items[item].from = { file };
    start += bytes;
  }
}
