import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks', // TensorFlow and ONNX Runtime are not for worker threads
    maxWorkers: '100%', // by default one less: half of two cores
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
