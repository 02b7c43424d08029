import { expect } from 'vitest';

/** What a look at the page must come to, within 150 s: on a busy machine all of it may take long. A fact that is read once only may be read too early. */
export const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 150_000, interval: 50 });
