import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks', // TensorFlow and ONNX Runtime are not for worker threads
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
