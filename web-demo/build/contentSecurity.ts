import type { Plugin } from 'vite';
import { pagePolicy } from '#core/contentSecurity.ts';

/** Says in the built page what it may do, for hosts that send no such header. */
export function contentSecurity(): Plugin {
  return {
    name: 'clapper-content-security',
    apply: 'build', // while one works on it, Vite's own scripts are inline
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: pagePolicy },
        injectTo: 'head-prepend',
      },
    ],
  };
}
