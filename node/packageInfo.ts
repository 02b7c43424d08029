import { readFileSync } from 'node:fs';

/** What `package.json` says of this project. */
export const packageInfo: { version: string; description: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
