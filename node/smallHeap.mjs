import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Of both halves, in bytes. */
const largestNursery = 8 * 2 ** 20;
/** How much of what is older may be added before it is collected, in per cent; and while files are received. */
const growth = 100;
const growthWithFiles = 400;
/** Bytes that many short requests do not have together. */
const fileBytes = 2 ** 20;

/**
 * For a server's process, before all else: keeps its heap near what is in use, where V8 lets it grow to several times that before it collects. The
 * nursery stays as it is, 1 MB in all; while modules are loaded it would grow to 16, which are never given back. What is older may double. The nursery
 * is swept by this thread alone, which waits for no helper where the workers have the cores.
 */
export function keepHeapSmall() {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--heap-growing-percent=${growth}`);
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * When all is loaded, follows the load. Requests are served in a fifth less of this process' time with a nursery that holds more of them; while nothing is
 * asked V8 makes it small again, so that it must be let grow again too; how far it may, counts only where Node is started with it. Files that are received
 * count as what is older, though they are no part of the heap and gone with their request: so more may be added while there are some, or the whole
 * heap would be looked through for every tenth of them.
 *
 * @param {() => number} receivedBytes of requests that are received or worked on.
 */
export function fitHeapToLoad(receivedBytes) {
  let before = [''];
  const timer = setInterval(() => {
    const nursery = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    const isSmall = nursery !== undefined && nursery.space_size < largestNursery;
    const hasFiles = receivedBytes() > fileBytes;
    const flags = [
      `--semi-space-growth-factor=${isSmall ? 2 : 1}`,
      `--heap-growing-percent=${hasFiles ? growthWithFiles : growth}`,
    ];
    for (const flag of flags) if (!before.includes(flag)) setFlagsFromString(flag);
    before = flags;
  }, 100);
  timer.unref();
}
