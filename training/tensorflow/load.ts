import './beforeTfjs.ts';

// The one import of TensorFlow.js in the repository: `import { tf } from '…/tensorflow/load.ts'`.
export * as tf from '@tensorflow/tfjs-node-gpu';
