/**
 * Runs one call at a time; of those that come meanwhile only the last, when the present one is done. So what is live
 * keeps up with the hand, on a fast machine and on a slow one.
 */
export function latest<A extends unknown[]>(
  run: (...args: A) => Promise<void>,
  onError: (error: Error) => void,
): (...args: A) => void {
  let running = false;
  let next: A | null = null;
  return async (...args) => {
    next = args;
    if (running) return;
    running = true;
    while (next) {
      const current: A = next;
      next = null;
      await run(...current).catch(onError);
    }
    running = false;
  };
}
