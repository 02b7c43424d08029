import type { Variant } from '#core/bundle/graphs.ts';
import type { Engine } from '../tf2onnx/engine.ts';
import type { CalibrationMethod } from '../variants/int8/ranges.ts';
import type { OtherVariant } from '../variants/makeVariants.ts';

/** What is given to `clapper export`. */
export interface ExportFlags {
  checkpoint?: string;
  tfjsModel?: string;
  bundle?: string;
  out?: string;
  json?: true;
  // a bundle
  name?: string;
  modelVersion: string;
  licence?: string;
  notes?: string;
  examples?: string;
  variants?: OtherVariant[];
  calibrate?: string;
  calibration?: CalibrationMethod;
  calibrationSamples: number;
  // of a bundle
  to?: 'triton' | 'hub';
  variant: Variant;
  maxBatchSize: number;
  // one model of TensorFlow.js
  nchw?: true;
  custom: string[];
  allowDifference?: true;
  compare: boolean;
  // by way of
  route: 'typescript' | 'tf2onnx';
  engine: Engine;
  baseImage?: string;
  isolation?: 'chroot';
  containerFlag: string[];
}
