// JavaScript, for it is asked before there is anything that reads TypeScript as well.
import { readFileSync } from 'node:fs';

/**
 * Whether a process of this machine runs.
 *
 * @param {number} pid
 * @returns {boolean}
 */
export function isRunning(pid) {
  try {
    return process.kill(pid, 0) && !isZombie(pid); // signal 0 only asks
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'; // running, but another user's
  }
}

/**
 * Killed, but its parent (in many a container nobody) has not asked for its exit code.
 *
 * @param {number} pid
 */
function isZombie(pid) {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1').split(')').at(-1) ?? '');
  } catch {
    return false; // not on Linux, or gone just now
  }
}
