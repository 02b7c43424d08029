import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** What takes minutes: `npm run test:slow`. */
export default defineConfig({ test: { ...base.test, include: ['test/**/*.slow.ts'], hookTimeout: 300_000 } });
