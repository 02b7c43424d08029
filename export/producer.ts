import { readFileSync } from 'node:fs';

const packageJson = readFileSync(new URL('../package.json', import.meta.url), 'utf8');

/** Of Clapper, as every exported graph carries it. */
export const producerVersion = (JSON.parse(packageJson) as { version: string }).version;
