import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/**
 * Frees what JavaScript no longer holds. Left alone, V8 lets a run's garbage grow by a hundred megabytes before it looks; every hundred
 * steps it takes less than a hundredth of the time.
 */
export const collectGarbage = runInNewContext('gc') as () => void;

/** Steps from one time to the next. */
export const garbageEvery = 100;
