import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads and what is built of them are kept: `CLAPPER_CACHE`, or `clapper` in the user's folder for such files. */
export function cacheFolder(): string {
  const { CLAPPER_CACHE, XDG_CACHE_HOME } = process.env;
  return CLAPPER_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'clapper');
}
