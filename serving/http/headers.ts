/** On every reply. Browsers give WebAssembly threads only to pages that shut other origins out. */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Embedder-Policy', 'require-corp'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Frame-Options', 'SAMEORIGIN'],
  ['Content-Security-Policy', policyFor("default-src 'none'")], // pages say more
];

/** @param directives of a Content-Security-Policy. @returns with who may frame it, which only a header can say. */
export function policyFor(directives: string): string {
  return `${directives}; frame-ancestors 'self'`;
}
