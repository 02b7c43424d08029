/** Of a strangeness (`known.ts`): above it, nothing that was learnt is like it. In a file of its own, for the page's first paint needs nothing else of it. */
export const strangeAbove = 0.99;
