/**
 * What the page, and each of its workers, may do (Content-Security-Policy, without what only headers can say): run its own scripts and
 * WebAssembly, and ask its own origin. So what a visitor draws, says and opens cannot leave for elsewhere.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
