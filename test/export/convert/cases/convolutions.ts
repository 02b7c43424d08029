import type { Case, Symbolic } from '../support/parity.ts';
import { tf } from '../support/tfjs.ts';

const { layers } = tf;
const of = (input: (number | null)[], make: (x: Symbolic) => unknown, more: Partial<Case> = {}): Case => ({
  inputs: [input],
  build: (x) => make(x) as Symbolic,
  ...more,
});

export const convolutions: Record<string, Case> = {
  'Conv1D valid': of([9, 3], (x) => layers.conv1d({ filters: 4, kernelSize: 3 }).apply(x)),
  'Conv1D same, stride 2': of([9, 3], (x) =>
    layers.conv1d({ filters: 4, kernelSize: 4, strides: 2, padding: 'same' }).apply(x),
  ),
  'Conv1D dilated, of any length': of([null, 3], (x) =>
    layers.conv1d({ filters: 4, kernelSize: 3, dilationRate: 2 }).apply(x),
  ),
  'Conv1D same, stride 3, of any length': of(
    [null, 3],
    (x) => layers.conv1d({ filters: 4, kernelSize: 4, strides: 3, padding: 'same' }).apply(x),
    { open: 11 },
  ),
  'Conv2D same, stride 1': of([7, 6, 3], (x) => layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(x)),
  'Conv2D same, stride 2, odd sizes': of([7, 9, 3], (x) =>
    layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }).apply(x),
  ),
  'Conv2D same, stride 2, even sizes: one more row below than above': of([8, 6, 1], (x) =>
    layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }).apply(x),
  ),
  'Conv2D same, even kernel, unequal strides': of([8, 11, 2], (x) =>
    layers.conv2d({ filters: 3, kernelSize: [4, 2], strides: [3, 2], padding: 'same' }).apply(x),
  ),
  'Conv2D same, stride above the kernel': of([10, 10, 2], (x) =>
    layers.conv2d({ filters: 3, kernelSize: 2, strides: 3, padding: 'same' }).apply(x),
  ),
  'Conv2D valid, dilated, with sigmoid': of([9, 9, 2], (x) =>
    layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, activation: 'sigmoid' }).apply(x),
  ),
  'Conv2D same, dilated': of([9, 8, 2], (x) =>
    layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: [2, 1], padding: 'same' }).apply(x),
  ),
  'Conv2D of pictures of any size': of([null, null, 3], (x) =>
    layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }).apply(x),
  ),
  'Conv2D of any size, dilated, same': of([null, null, 3], (x) =>
    layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, padding: 'same' }).apply(x),
  ),
  'Conv2D of channels_first': of(
    [3, 7, 8],
    (x) => layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst', activation: 'relu' }).apply(x),
    { transposes: 0 },
  ),
  'Conv2D of channels_first with softmax over the last axis': of([3, 7, 8], (x) =>
    layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst', activation: 'softmax' }).apply(x),
  ),
  Conv3D: of([5, 6, 4, 2], (x) =>
    layers.conv3d({ filters: 3, kernelSize: 2, strides: [1, 2, 1], padding: 'same' }).apply(x),
  ),
  'Conv3D of channels_first': of([2, 5, 6, 4], (x) =>
    layers.conv3d({ filters: 3, kernelSize: [2, 3, 2], dataFormat: 'channelsFirst' }).apply(x),
  ),
  'Conv2DTranspose valid': of([5, 6, 3], (x) =>
    layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 }).apply(x),
  ),
  'Conv2DTranspose same': of([5, 6, 3], (x) =>
    layers.conv2dTranspose({ filters: 2, kernelSize: 5, strides: 2, padding: 'same', activation: 'relu' }).apply(x),
  ),
  'Conv2DTranspose same, kernel below the stride': of([5, 4, 3], (x) =>
    layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, padding: 'same' }).apply(x),
  ),
  'Conv2DTranspose valid, kernel below the stride': of([5, 4, 3], (x) =>
    layers.conv2dTranspose({ filters: 2, kernelSize: [2, 1], strides: [3, 2], useBias: false }).apply(x),
  ),
  'Conv2DTranspose same, unequal, of any size': of([null, null, 3], (x) =>
    layers.conv2dTranspose({ filters: 2, kernelSize: [4, 3], strides: [2, 1], padding: 'same' }).apply(x),
  ),
  'Conv2DTranspose of channels_first': of([3, 4, 5], (x) =>
    layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, dataFormat: 'channelsFirst' }).apply(x),
  ),
  Conv3DTranspose: of([3, 4, 3, 2], (x) =>
    layers.conv3dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }).apply(x),
  ),
  DepthwiseConv2D: of([7, 6, 3], (x) =>
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }).apply(x),
  ),
  'DepthwiseConv2D of channels_first': of([3, 7, 6], (x) =>
    layers.depthwiseConv2d({ kernelSize: 3, dataFormat: 'channelsFirst' }).apply(x),
  ),
  'DepthwiseConv2D: tfjs ignores dilation': of(
    [9, 8, 3],
    (x) => layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2 }).apply(x),
    { warns: /does not dilate/ },
  ),
  SeparableConv2D: of([7, 6, 3], (x) =>
    layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'tanh' }).apply(x),
  ),
  'SeparableConv2D dilated': of([9, 8, 3], (x) =>
    layers.separableConv2d({ filters: 4, kernelSize: 3, dilationRate: 2, useBias: false }).apply(x),
  ),
  MaxPooling1D: of([9, 3], (x) => layers.maxPooling1d({ poolSize: 2 }).apply(x)),
  'MaxPooling1D same': of([9, 3], (x) => layers.maxPooling1d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x)),
  'AveragePooling1D same': of([9, 3], (x) =>
    layers.averagePooling1d({ poolSize: 4, strides: 2, padding: 'same' }).apply(x),
  ),
  'MaxPooling2D valid, odd sizes': of([7, 5, 2], (x) => layers.maxPooling2d({ poolSize: 2 }).apply(x)),
  'MaxPooling2D same': of([7, 6, 2], (x) => layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x)),
  'MaxPooling2D same, of any size': of([null, null, 2], (x) =>
    layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x),
  ),
  'AveragePooling2D same: padding does not count': of([7, 6, 2], (x) =>
    layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x),
  ),
  'AveragePooling2D same, of any size': of(
    [null, null, 2],
    (x) => layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x),
    { open: 8 },
  ),
  'AveragePooling2D of channels_first': of([2, 7, 6], (x) =>
    layers.averagePooling2d({ poolSize: [3, 2], strides: [1, 2], dataFormat: 'channelsFirst' }).apply(x),
  ),
  MaxPooling3D: of([5, 6, 7, 2], (x) => layers.maxPooling3d({ poolSize: 2, padding: 'same' }).apply(x)),
  AveragePooling3D: of([5, 6, 7, 2], (x) =>
    layers.averagePooling3d({ poolSize: [2, 3, 2], strides: 2, padding: 'same' }).apply(x),
  ),
  GlobalMaxPooling1D: of([6, 3], (x) => layers.globalMaxPooling1d({}).apply(x)),
  GlobalAveragePooling1D: of([6, 3], (x) => layers.globalAveragePooling1d({}).apply(x)),
  GlobalMaxPooling2D: of([4, 3, 5], (x) => layers.globalMaxPooling2d({}).apply(x)),
  GlobalAveragePooling2D: of([4, 3, 5], (x) => layers.globalAveragePooling2d({}).apply(x)),
  'GlobalAveragePooling2D of channels_first': of([4, 3, 5], (x) =>
    layers.globalAveragePooling2d({ dataFormat: 'channelsFirst' }).apply(x),
  ),
  'GlobalMaxPooling2D behind a convolution': of(
    [6, 5, 2],
    (x) => layers.globalMaxPooling2d({}).apply(layers.conv2d({ filters: 3, kernelSize: 2 }).apply(x)),
    { transposes: 1 },
  ),
};
