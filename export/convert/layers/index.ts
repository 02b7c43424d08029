import type { LayerConverter } from '../layer.ts';
import * as activation from './activation.ts';
import * as convolution from './convolution.ts';
import { dense } from './dense.ts';
import * as merge from './merge.ts';
import { batchNormalization, layerNormalization, normalization } from './normalization.ts';
import * as picture from './picture.ts';
import * as pooling from './pooling.ts';
import { bidirectional } from './recurrent/bidirectional.ts';
import { convLstm2d } from './recurrent/convLstm.ts';
import { recurrent } from './recurrent/layers.ts';
import { flatten, permute, repeatVector, reshape } from './reshape.ts';
import { embedding, masking } from './sequence.ts';
import { augmentation, identity, randomSize } from './training.ts';
import { timeDistributed } from './wrappers.ts';

/** Every class of Keras layer that can be converted. docs/export.md lists them. */
export const layerConverters: Record<string, LayerConverter> = {
  Activation: activation.activation,
  ELU: activation.elu,
  LeakyReLU: activation.leakyRelu,
  PReLU: activation.prelu,
  ReLU: activation.relu,
  Softmax: activation.softmax,
  ThresholdedReLU: activation.thresholdedRelu,

  Dense: dense,
  Conv1D: convolution.conv1d,
  Conv2D: convolution.conv2d,
  Conv3D: convolution.conv3d,
  Conv1DTranspose: convolution.conv1dTranspose,
  Conv2DTranspose: convolution.conv2dTranspose,
  Conv3DTranspose: convolution.conv3dTranspose,
  DepthwiseConv2D: convolution.depthwiseConv2d,
  SeparableConv1D: convolution.separableConv1d,
  SeparableConv2D: convolution.separableConv2d,

  AveragePooling1D: pooling.averagePooling1d,
  AveragePooling2D: pooling.averagePooling2d,
  AveragePooling3D: pooling.averagePooling3d,
  MaxPooling1D: pooling.maxPooling1d,
  MaxPooling2D: pooling.maxPooling2d,
  MaxPooling3D: pooling.maxPooling3d,
  GlobalAveragePooling1D: pooling.globalAveragePooling1d,
  GlobalAveragePooling2D: pooling.globalAveragePooling2d,
  GlobalAveragePooling3D: pooling.globalAveragePooling3d,
  GlobalMaxPooling1D: pooling.globalMaxPooling1d,
  GlobalMaxPooling2D: pooling.globalMaxPooling2d,
  GlobalMaxPooling3D: pooling.globalMaxPooling3d,

  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Normalization: normalization,

  Flatten: flatten,
  Permute: permute,
  RepeatVector: repeatVector,
  Reshape: reshape,

  Add: merge.add,
  Average: merge.average,
  Concatenate: merge.concatenate,
  Dot: merge.dot,
  Maximum: merge.maximum,
  Minimum: merge.minimum,
  Multiply: merge.multiply,
  Subtract: merge.subtract,

  Embedding: embedding,
  Masking: masking,
  GRU: recurrent,
  LSTM: recurrent,
  RNN: recurrent,
  SimpleRNN: recurrent,
  Bidirectional: bidirectional,
  ConvLSTM2D: convLstm2d,
  TimeDistributed: timeDistributed,

  CategoryEncoding: picture.categoryEncoding,
  CenterCrop: picture.centerCrop,
  Cropping1D: picture.cropping1d,
  Cropping2D: picture.cropping2d,
  Cropping3D: picture.cropping3d,
  Rescaling: picture.rescaling,
  Resizing: picture.resizing,
  UpSampling1D: picture.upSampling1d,
  UpSampling2D: picture.upSampling2d,
  UpSampling3D: picture.upSampling3d,
  ZeroPadding1D: picture.zeroPadding1d,
  ZeroPadding2D: picture.zeroPadding2d,
  ZeroPadding3D: picture.zeroPadding3d,

  ActivityRegularization: identity,
  AlphaDropout: identity,
  Dropout: identity,
  GaussianDropout: identity,
  GaussianNoise: identity,
  Identity: identity,
  SpatialDropout1D: identity,
  SpatialDropout2D: identity,
  SpatialDropout3D: identity,
  RandomBrightness: augmentation,
  RandomContrast: augmentation,
  RandomFlip: augmentation,
  RandomRotation: augmentation,
  RandomTranslation: augmentation,
  RandomZoom: augmentation,
  RandomHeight: randomSize,
  RandomWidth: randomSize,
};
