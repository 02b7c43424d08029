import type { Case, Symbolic } from '../support/parity.ts';
import { tf } from '../support/tfjs.ts';

const { layers } = tf;
const of = (input: (number | null)[], make: (x: Symbolic) => unknown, more: Partial<Case> = {}): Case => ({
  inputs: [input],
  build: (x) => make(x) as Symbolic,
  ...more,
});
const two = (
  a: number[],
  b: number[],
  make: (x: Symbolic, y: Symbolic) => unknown,
  more: Partial<Case> = {},
): Case => ({
  inputs: [a, b],
  build: (x, y) => make(x as Symbolic, y as Symbolic) as Symbolic,
  ...more,
});
const conv = (x: Symbolic, filters = 4) =>
  layers.conv2d({ filters, kernelSize: 3, padding: 'same' }).apply(x) as Symbolic;
const merge = (make: () => tf.layers.Layer, more: Partial<Case> = {}) => ({
  'of rows': two([5], [5], (x, y) => make().apply([x, y]), more),
  'of pixels, one of them behind a convolution': two(
    [4, 3, 2],
    [4, 3, 2],
    (x, y) => make().apply([conv(x, 2), y]),
    more,
  ),
});
const named = (name: string, cases: Record<string, Case>) =>
  Object.fromEntries(Object.entries(cases).map(([what, one]) => [`${name} ${what}`, one]));

export const core: Record<string, Case> = {
  'Dense of rows': of([5], (x) => layers.dense({ units: 4 }).apply(x)),
  'Dense softmax without bias': of([5], (x) =>
    layers.dense({ units: 4, useBias: false, activation: 'softmax' }).apply(x),
  ),
  'Dense of sequences': of([6, 5], (x) => layers.dense({ units: 4, activation: 'softmax' }).apply(x)),
  'Dense of sequences of any length': of([null, 5], (x) => layers.dense({ units: 4 }).apply(x)),
  'Dense of pixels': of([3, 4, 5], (x) => layers.dense({ units: 4 }).apply(x)),
  'Dense behind a convolution is one more convolution': of(
    [6, 5, 3],
    (x) => layers.globalMaxPooling2d({}).apply(layers.dense({ units: 4, activation: 'relu' }).apply(conv(x))),
    { transposes: 1 },
  ),
  'Flatten and Dense behind a convolution move weights, not pixels': of(
    [6, 5, 3],
    (x) => layers.dense({ units: 4 }).apply(layers.flatten().apply(conv(x))),
    { transposes: 1 },
  ),
  'Flatten, Dropout, ReLU and Dense behind a convolution': of(
    [6, 5, 3],
    (x) =>
      layers
        .dense({ units: 4 })
        .apply(layers.reLU().apply(layers.dropout({ rate: 0.5 }).apply(layers.flatten().apply(conv(x))))),
    { transposes: 1 },
  ),
  'Flatten keeps rows, columns, channels in this order': of([4, 3, 5], (x) => layers.flatten().apply(x), {
    transposes: 0,
  }),
  'Flatten behind a convolution': of([4, 3, 5], (x) => layers.flatten().apply(conv(x))),
  'Flatten of channels_first': of([4, 3, 5], (x) => layers.flatten({ dataFormat: 'channelsFirst' }).apply(x)),
  'Flatten of channels_first behind a convolution': of([4, 3, 5], (x) =>
    layers
      .dense({ units: 2 })
      .apply(
        layers
          .flatten({ dataFormat: 'channelsFirst' })
          .apply(layers.conv2d({ filters: 3, kernelSize: 2, dataFormat: 'channelsFirst' }).apply(x)),
      ),
  ),
  'Flatten of a Permute behind a convolution': of([4, 3, 5], (x) =>
    layers.dense({ units: 3 }).apply(layers.flatten().apply(layers.permute({ dims: [3, 1, 2] }).apply(conv(x)))),
  ),
  'Flatten of volumes': of([2, 4, 3, 5], (x) =>
    layers.dense({ units: 3 }).apply(layers.flatten().apply(layers.conv3d({ filters: 2, kernelSize: 2 }).apply(x))),
  ),
  'BatchNormalization of a flattened row': of([4, 3, 5], (x) =>
    layers.dense({ units: 3 }).apply(layers.batchNormalization().apply(layers.flatten().apply(conv(x)))),
  ),
  Reshape: of([4, 6], (x) => layers.reshape({ targetShape: [3, 8] }).apply(x)),
  'Reshape with one size left open': of([4, 6], (x) =>
    layers.reshape({ targetShape: [2, -1, 3] as number[] }).apply(x),
  ),
  'Reshape of sequences of any length': of([null, 6], (x) =>
    layers.reshape({ targetShape: [-1, 3] as number[] }).apply(x),
  ),
  'Reshape behind a convolution': of([4, 6, 2], (x) => layers.reshape({ targetShape: [24, 4] }).apply(conv(x))),
  Permute: of([4, 6, 3], (x) => layers.permute({ dims: [3, 1, 2] }).apply(x)),
  'Permute behind a convolution, then another': of([4, 6, 3], (x) =>
    conv(layers.permute({ dims: [2, 1, 3] }).apply(conv(x)) as Symbolic),
  ),
  RepeatVector: of([5], (x) => layers.repeatVector({ n: 3 }).apply(x)),
  'Dropout, SpatialDropout1D, GaussianNoise, GaussianDropout, AlphaDropout do nothing': of([5, 4], (x) =>
    [
      layers.dropout({ rate: 0.5 }),
      layers.spatialDropout1d({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1 }),
      layers.gaussianDropout({ rate: 0.5 }),
      layers.alphaDropout({ rate: 0.5 }),
    ].reduce<Symbolic>((y, layer) => layer.apply(y) as Symbolic, layers.dense({ units: 3 }).apply(x) as Symbolic),
  ),
  'BatchNormalization of the input': of([4, 4, 3], (x) => layers.batchNormalization().apply(x)),
  'BatchNormalization of rows': of([5], (x) => layers.batchNormalization().apply(x)),
  'BatchNormalization of sequences': of([4, 5], (x) => layers.batchNormalization({ epsilon: 1e-2 }).apply(x)),
  'BatchNormalization without scale and centre': of([4, 5], (x) =>
    layers.batchNormalization({ scale: false, center: false }).apply(x),
  ),
  'BatchNormalization behind Conv2D is folded': of([6, 5, 3], (x) =>
    layers
      .reLU()
      .apply(
        layers
          .batchNormalization({ epsilon: 1e-5 })
          .apply(layers.conv2d({ filters: 4, kernelSize: 3, useBias: false }).apply(x)),
      ),
  ),
  'BatchNormalization without scale and centre behind Conv2D': of([6, 5, 3], (x) =>
    layers.batchNormalization({ center: false, scale: false }).apply(conv(x)),
  ),
  'BatchNormalization behind Dense is folded': of([5], (x) =>
    layers
      .activation({ activation: 'tanh' })
      .apply(layers.batchNormalization().apply(layers.dense({ units: 4 }).apply(x))),
  ),
  'BatchNormalization behind Conv2DTranspose is folded': of([5, 4, 3], (x) =>
    layers.batchNormalization().apply(layers.conv2dTranspose({ filters: 4, kernelSize: 3 }).apply(x)),
  ),
  'BatchNormalization behind DepthwiseConv2D is folded': of([5, 4, 3], (x) =>
    layers.batchNormalization().apply(layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }).apply(x)),
  ),
  'BatchNormalization behind a result that is read twice': of([6, 5, 3], (x) => {
    const y = conv(x);
    return layers.add().apply([y, layers.batchNormalization().apply(y) as Symbolic]);
  }),
  'BatchNormalization behind a ReLU in the convolution': of([6, 5, 3], (x) =>
    layers.batchNormalization().apply(layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }).apply(x)),
  ),
  'LayerNormalization of sequences': of([6, 5], (x) => layers.layerNormalization().apply(x)),
  'LayerNormalization behind a convolution': of([6, 5, 3], (x) =>
    layers.layerNormalization({ epsilon: 1e-2 }).apply(conv(x)),
  ),
  'LayerNormalization over several axes': of([4, 5, 3], (x) =>
    layers.layerNormalization({ axis: [1, 3], scale: false }).apply(conv(x)),
  ),
  'LayerNormalization over axes that are not named in their order': of([4, 5, 3], (x) =>
    layers.layerNormalization({ axis: [3, 1] }).apply(conv(x)),
  ),
  'LayerNormalization without centre': of([4, 5, 3], (x) =>
    layers.layerNormalization({ axis: [2, 3], center: false }).apply(x),
  ),
};

export const merges: Record<string, Case> = {
  ...named(
    'Add',
    merge(() => layers.add()),
  ),
  ...named(
    'Multiply',
    merge(() => layers.multiply()),
  ),
  ...named(
    'Average',
    merge(() => layers.average()),
  ),
  ...named(
    'Maximum',
    merge(() => layers.maximum()),
  ),
  ...named(
    'Minimum',
    merge(() => layers.minimum()),
  ),
  ...named(
    'Concatenate',
    merge(() => layers.concatenate()),
  ),
  'Add of three': of([2, 3, 4], (x) =>
    layers
      .add()
      .apply([
        x,
        ...(['sigmoid', 'tanh'] as const).map((activation) => layers.activation({ activation }).apply(x) as Symbolic),
      ]),
  ),
  'Multiply by one number a channel, as squeeze and excitation does': of([6, 5, 4], (x) => {
    const y = conv(x);
    const weights = layers.dense({ units: 4, activation: 'sigmoid' }).apply(layers.reshape({ targetShape: [1, 1, 4] }).apply(layers.globalAveragePooling2d({}).apply(y)));
    return layers.globalAveragePooling2d({}).apply(layers.multiply().apply([y, weights as Symbolic]));
  }, { transposes: 1 }), // biome-ignore format: one case
  'Add of tensors of different ranks': two([4, 3], [3], (x, y) => layers.add().apply([x, y])),
  'Concatenate over rows, columns and channels': of([2, 3, 4], (x) =>
    [1, 2, 3, -1].reduce<Symbolic>(
      (y, axis) =>
        layers
          .concatenate({ axis })
          .apply([y, layers.activation({ activation: 'sigmoid' }).apply(y) as Symbolic]) as Symbolic,
      x,
    ),
  ),
  'Concatenate of channels behind convolutions': of(
    [6, 5, 3],
    (x) => layers.globalMaxPooling2d({}).apply(layers.concatenate().apply([conv(x, 2), conv(x, 3)])),
    { transposes: 1 },
  ),
  'Concatenate over axis -2: tfjs takes the last': two(
    [4, 3],
    [4, 3],
    (x, y) => layers.concatenate({ axis: -2 }).apply([x, y]),
    { warns: /takes axis -2 for the last/ },
  ),
  'Concatenate of flattened rows': of([4, 3, 2], (x) =>
    layers
      .dense({ units: 3 })
      .apply(
        layers
          .concatenate()
          .apply([layers.flatten().apply(conv(x)) as Symbolic, layers.flatten().apply(conv(x, 2)) as Symbolic]),
      ),
  ),
  'one Dense behind two flattened pictures of different channels': two([4, 6, 2], [4, 3, 2], (x, y) => {
    const shared = layers.dense({ units: 3 });
    const apply = (pictures: Symbolic, filters: number) =>
      shared.apply(layers.flatten().apply(layers.conv2d({ filters, kernelSize: 1 }).apply(pictures))) as Symbolic;
    return layers.concatenate().apply([apply(x, 2), apply(y, 4)]);
  }),
  'one Dense behind convolutions of one and of two directions': two([6, 2], [4, 3, 2], (x, y) => {
    const shared = layers.dense({ units: 3 });
    const sequence = shared.apply(layers.conv1d({ filters: 4, kernelSize: 2 }).apply(x)) as Symbolic;
    const pixels = shared.apply(conv(y)) as Symbolic;
    return layers.concatenate().apply([layers.flatten().apply(sequence), layers.flatten().apply(pixels)] as Symbolic[]);
  }),
  'Add of flattened rows': of([4, 3, 2], (x) =>
    layers
      .dense({ units: 3 })
      .apply(
        layers.add().apply([layers.flatten().apply(conv(x)) as Symbolic, layers.flatten().apply(conv(x)) as Symbolic]),
      ),
  ),
  'Add of a flattened row and one that is not': two([4, 3, 2], [48], (x, y) =>
    layers.add().apply([layers.flatten().apply(conv(x)) as Symbolic, y]),
  ),
  'Dot of rows': two([5], [5], (x, y) => layers.dot({ axes: 1 }).apply([x, y])),
  'Dot of rows, normalised': two([5], [5], (x, y) => layers.dot({ axes: -1, normalize: true }).apply([x, y])),
  'Dot of sequences over the last axes': two([4, 5], [3, 5], (x, y) => layers.dot({ axes: [2, 2] }).apply([x, y])),
  'Dot of sequences over the last and the first': two([4, 5], [5, 3], (x, y) =>
    layers.dot({ axes: [2, 1] }).apply([x, y]),
  ),
  'Dot of sequences over time, normalised': two([5, 4], [5, 3], (x, y) =>
    layers.dot({ axes: 1, normalize: true }).apply([x, y]),
  ),
  'Dot of a sequence and a row': two([4, 5], [5], (x, y) => layers.dot({ axes: [2, 1] }).apply([x, y])),
};

/** tfjs' CenterCrop and CategoryEncoding change the shape that they are given: not that of the input, then. */
const apart = (x: Symbolic) => layers.reshape({ targetShape: x.shape.slice(1) as number[] }).apply(x) as Symbolic;

export const pictures: Record<string, Case> = {
  'ZeroPadding2D, unequal sides': of([4, 3, 2], (x) => layers.zeroPadding2d({ padding: [[0, 1], [2, 3]] }).apply(x)), // biome-ignore format: one line
  'ZeroPadding2D of channels_first': of([2, 4, 3], (x) =>
    layers.zeroPadding2d({ padding: [1, 2], dataFormat: 'channelsFirst' }).apply(x),
  ),
  'ZeroPadding2D behind a convolution': of([4, 3, 2], (x) => layers.zeroPadding2d({ padding: 2 }).apply(conv(x))),
  'ZeroPadding2D before MaxPooling2D counts as zeros where all else is negative': of([5, 5, 2], (x) =>
    layers
      .maxPooling2d({ poolSize: 3, strides: 1 })
      .apply(layers.zeroPadding2d({ padding: 1 }).apply(layers.rescaling({ scale: 1, offset: -9 }).apply(conv(x)))),
  ),
  'ZeroPadding2D as wide as the window of the AveragePooling2D behind it': of([5, 5, 2], (x) =>
    layers.averagePooling2d({ poolSize: 2, strides: 1 }).apply(layers.zeroPadding2d({ padding: 2 }).apply(conv(x))),
  ),
  Cropping2D: of([7, 8, 2], (x) => layers.cropping2D({ cropping: [[1, 0], [2, 3]] }).apply(x)), // biome-ignore format: one line
  'Cropping2D of channels_first': of([2, 7, 8], (x) => layers.cropping2D({ cropping: [[1, 1], [2, 2]], dataFormat: 'channelsFirst' }).apply(x)), // biome-ignore format: one line
  'UpSampling2D nearest': of([3, 4, 2], (x) => layers.upSampling2d({ size: [2, 3] }).apply(x)),
  'UpSampling2D bilinear without half pixels': of(
    [3, 4, 2],
    (x) => layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }).apply(x),
    { warns: /half pixels/ },
  ),
  'UpSampling2D of any size': of(
    [null, null, 2],
    (x) => layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }).apply(conv(x, 2)),
    { open: 5 },
  ),
  'UpSampling2D of channels_first': of([2, 3, 4], (x) =>
    layers.upSampling2d({ size: [2, 2], dataFormat: 'channelsFirst' }).apply(x),
  ),
  Rescaling: of([4, 3, 2], (x) => layers.rescaling({ scale: 1 / 127.5, offset: -1 }).apply(x)),
  'Resizing bilinear': of([5, 7, 2], (x) => layers.resizing({ height: 8, width: 4 }).apply(x), {
    warns: /corners/,
    expected: (x) => tf.image.resizeBilinear(x, [8, 4], true),
  }),
  'Resizing nearest': of(
    [5, 7, 2],
    (x) => layers.resizing({ height: 9, width: 4, interpolation: 'nearest' }).apply(x),
    { expected: (x) => tf.image.resizeNearestNeighbor(x, [9, 4], true) },
  ),
  'Resizing with crop_to_aspect_ratio': of(
    [5, 7, 2],
    (x) => layers.resizing({ height: 9, width: 4, cropToAspectRatio: true }).apply(x),
    { warns: /aspect ratio/, expected: (x) => tf.image.resizeBilinear(x, [9, 4], false) },
  ),
  CenterCrop: of([9, 8, 2], (x) => layers.centerCrop({ height: 5, width: 4 }).apply(apart(x))),
  'CenterCrop of as many columns': of([9, 5, 2], (x) => layers.centerCrop({ height: 4, width: 5 }).apply(apart(x))),
  'CenterCrop to more than there is': of([4, 5, 2], (x) => layers.centerCrop({ height: 7, width: 8 }).apply(apart(x)), {
    expected: (x) => tf.image.resizeBilinear(x, [7, 8]),
  }),
  'CategoryEncoding multi_hot': of([4], (x) => layers.categoryEncoding({ numTokens: 7 }).apply(apart(x)), {
    holds: 'indices',
  }),
  'CategoryEncoding count': of(
    [4],
    (x) => layers.categoryEncoding({ numTokens: 7, outputMode: 'count' }).apply(apart(x)),
    { holds: 'indices' },
  ),
  'CategoryEncoding one_hot': of(
    [1],
    (x) => layers.categoryEncoding({ numTokens: 7, outputMode: 'oneHot' }).apply(apart(x)),
    { holds: 'indices' },
  ),
  'CategoryEncoding int': of([4], (x) => layers.categoryEncoding({ numTokens: 7, outputMode: 'int' }).apply(apart(x)), {
    holds: 'indices',
  }),
};
