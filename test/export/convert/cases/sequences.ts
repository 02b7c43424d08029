import type { Case, Symbolic } from '../support/parity.ts';
import { tf } from '../support/tfjs.ts';

const { layers } = tf;
const of = (input: (number | null)[], make: (x: Symbolic) => unknown, more: Partial<Case> = {}): Case => ({
  inputs: [input],
  build: (x) => make(x) as Symbolic,
  tolerance: 1e-4,
  ...more,
});

type Settings = Parameters<typeof layers.lstm>[0];
const kinds = {
  SimpleRNN: (settings: object) => layers.simpleRNN({ units: 4, ...settings } as Settings),
  GRU: (settings: object) => layers.gru({ units: 4, ...settings } as Parameters<typeof layers.gru>[0]),
  LSTM: (settings: object) => layers.lstm({ units: 4, ...settings } as Settings),
};
const masked = (x: Symbolic) => layers.masking({ maskValue: 0 }).apply(x) as Symbolic;

const forEach = (kind: keyof typeof kinds): Record<string, Case> => {
  const make = kinds[kind];
  const gates = kind === 'SimpleRNN' ? {} : { recurrentActivation: 'sigmoid' };
  const states = kind === 'LSTM' ? 2 : 1;
  return {
    [`${kind}: the last step`]: of([5, 3], (x) => make(gates).apply(x)),
    [`${kind} with tfjs' defaults`]: of([5, 3], (x) => make({}).apply(x)),
    [`${kind}: every step, of any length`]: of([null, 3], (x) => make({ ...gates, returnSequences: true }).apply(x)),
    [`${kind} backwards`]: of([5, 3], (x) => make({ ...gates, goBackwards: true }).apply(x)),
    [`${kind} backwards, every step`]: of([5, 3], (x) =>
      make({ ...gates, goBackwards: true, returnSequences: true }).apply(x),
    ),
    [`${kind} with its states`]: of([5, 3], (x) =>
      make({ ...gates, returnState: true, returnSequences: true }).apply(x),
    ),
    [`${kind} without bias`]: of([5, 3], (x) => make({ ...gates, useBias: false }).apply(x)),
    [`${kind} on ${kind}`]: of(
      [5, 3],
      (x) => make(gates).apply(make({ ...gates, returnSequences: true }).apply(x) as Symbolic),
      { transposes: 1 },
    ),
    [`${kind} with relu`]: of([5, 3], (x) => make({ activation: 'relu' }).apply(x)),
    [`${kind} with linear`]: of([5, 3], (x) =>
      make({ activation: 'linear', recurrentActivation: 'hardSigmoid' }).apply(x),
    ),
    [`${kind} with elu, softsign, softplus`]: of([5, 3], (x) =>
      make({ activation: 'elu', recurrentActivation: 'softsign' }).apply(
        make({ activation: 'softsign', recurrentActivation: 'softplus', returnSequences: true }).apply(x) as Symbolic,
      ),
    ),
    [`${kind} with swish, which ONNX's operator lacks`]: of([5, 3], (x) =>
      make({ activation: 'swish', returnSequences: true }).apply(x),
    ),
    [`${kind} with gelu, backwards`]: of([5, 3], (x) =>
      make({ activation: 'gelu', goBackwards: true, returnSequences: true }).apply(x),
    ),
    [`${kind} with a mask`]: of([7, 3], (x) => make(gates).apply(masked(x)), { holds: 'padded' }),
    [`${kind} with a mask, every step`]: of(
      [null, 3],
      (x) => make({ ...gates, returnSequences: true, returnState: true }).apply(masked(x)),
      { holds: 'padded' },
    ),
    [`${kind} with a mask, backwards`]: of(
      [7, 3],
      (x) => make({ ...gates, returnSequences: true, goBackwards: true }).apply(masked(x)),
      { holds: 'padded' },
    ),
    [`${kind} given its states`]: {
      inputs: [[5, 3], ...Array.from({ length: states }, () => [4])],
      build: (x, ...given) => make({ ...gates, returnSequences: true }).apply([x as Symbolic, ...given]) as Symbolic,
      tolerance: 1e-4,
    },
    [`${kind} given its states, with a mask`]: {
      inputs: [[7, 3], ...Array.from({ length: states }, () => [4])],
      build: (x, ...given) => make(gates).apply([masked(x as Symbolic), ...given]) as Symbolic,
      holds: 'padded',
      tolerance: 1e-4,
    },
    [`${kind} that is stateful begins with zeros`]: of([5, 3], (x) => make({ ...gates, stateful: true }).apply(x), {
      batch: 3,
      warns: /stateful/,
    }),
    [`Bidirectional ${kind}`]: of([5, 3], (x) =>
      layers.bidirectional({ layer: make(gates) as never, mergeMode: 'concat' }).apply(x),
    ),
    [`Bidirectional ${kind}, every step`]: of([null, 3], (x) =>
      layers.bidirectional({ layer: make({ ...gates, returnSequences: true }) as never, mergeMode: 'concat' }).apply(x),
    ),
    [`Bidirectional ${kind} with a mask, every step`]: of(
      [7, 3],
      (x) =>
        layers
          .bidirectional({ layer: make({ ...gates, returnSequences: true }) as never, mergeMode: 'sum' })
          .apply(masked(x)),
      { holds: 'padded' },
    ),
    [`Bidirectional ${kind} of mean, with its states`]: of([5, 3], (x) =>
      layers.bidirectional({ layer: make({ ...gates, returnState: true }) as never, mergeMode: 'ave' }).apply(x),
    ),
    [`Bidirectional ${kind} of product`]: of([5, 3], (x) =>
      layers.bidirectional({ layer: make({ ...gates, returnSequences: true }) as never, mergeMode: 'mul' }).apply(x),
    ),
    [`Bidirectional ${kind}, both halves`]: of([5, 3], (x) =>
      layers
        .bidirectional({ layer: make({ ...gates, returnSequences: true }) as never, mergeMode: null as never })
        .apply(x),
    ),
    [`Bidirectional ${kind} that goes backwards`]: of([5, 3], (x) =>
      layers
        .bidirectional({
          layer: make({ ...gates, returnSequences: true, goBackwards: true }) as never,
          mergeMode: 'concat',
        })
        .apply(x),
    ),
  };
};

const embedding = (x: Symbolic, maskZero = true) =>
  layers.embedding({ inputDim: 7, outputDim: 3, maskZero }).apply(x) as Symbolic;

export const sequences: Record<string, Case> = {
  ...forEach('SimpleRNN'),
  ...forEach('GRU'),
  ...forEach('LSTM'),
  'RNN around a cell': of([5, 3], (x) =>
    layers.rnn({ cell: layers.gruCell({ units: 4 }), returnSequences: true }).apply(x),
  ),
  'RNN around a stack of cells': of([5, 3], (x) =>
    layers
      .rnn({ cell: [layers.lstmCell({ units: 4 }), layers.gruCell({ units: 2 }), layers.simpleRNNCell({ units: 3 })] })
      .apply(x),
  ),
  'RNN around a stack of cells, with states and a mask': of(
    [7, 3],
    (x) =>
      layers
        .rnn({
          cell: [layers.lstmCell({ units: 4 }), layers.lstmCell({ units: 2 })],
          returnSequences: true,
          returnState: true,
        })
        .apply(masked(x)),
    { holds: 'padded' },
  ),
  ConvLSTM2D: of([3, 6, 5, 2], (x) => layers.convLstm2d({ filters: 3, kernelSize: 3 }).apply(x)),
  'ConvLSTM2D same, every step': of([3, 6, 5, 2], (x) =>
    layers.convLstm2d({ filters: 3, kernelSize: [3, 2], padding: 'same', strides: 2, returnSequences: true }).apply(x),
  ),
  'ConvLSTM2D backwards without bias': of(
    [null, 6, 5, 2],
    (x) =>
      layers
        .convLstm2d({
          filters: 3,
          kernelSize: 2,
          goBackwards: true,
          useBias: false,
          returnSequences: true,
          activation: 'relu',
        })
        .apply(x),
    { open: 4 },
  ),
  'ConvLSTM2D on ConvLSTM2D': of([3, 6, 5, 2], (x) =>
    layers
      .convLstm2d({ filters: 2, kernelSize: 2 })
      .apply(layers.convLstm2d({ filters: 3, kernelSize: 3, padding: 'same', returnSequences: true }).apply(x)),
  ),
  Embedding: of([6], (x) => embedding(x, false), { holds: 'indices', tolerance: 1e-5 }),
  'Embedding of any length': of([null], (x) => layers.globalAveragePooling1d({}).apply(embedding(x, false)), {
    holds: 'indices',
    tolerance: 1e-5,
  }),
  'Embedding of several axes': of([4, 3], (x) => embedding(x, false), { holds: 'indices', tolerance: 1e-5 }),
  'Embedding that masks zeros, LSTM': of([6], (x) => layers.lstm({ units: 3 }).apply(embedding(x)), {
    holds: 'padded indices',
  }),
  'Embedding that masks zeros through Dense, Dropout, BatchNormalization to GRU': of(
    [null],
    (x) =>
      layers
        .gru({ units: 3 })
        .apply(
          layers
            .batchNormalization()
            .apply(
              layers.dropout({ rate: 0.1 }).apply(layers.dense({ units: 4, activation: 'relu' }).apply(embedding(x))),
            ),
        ),
    { holds: 'padded indices' },
  ),
  'Embedding that masks zeros: GlobalAveragePooling1D ignores the mask': of(
    [6],
    (x) => layers.globalAveragePooling1d({}).apply(embedding(x)),
    { holds: 'padded indices', tolerance: 1e-5, warns: /masked ones too/ },
  ),
  'Embedding that masks zeros: Conv1D ends the mask but tfjs hands it on to LSTM': of(
    [6],
    (x) => layers.lstm({ units: 3 }).apply(layers.conv1d({ filters: 2, kernelSize: 1 }).apply(embedding(x))),
    { holds: 'padded indices', warns: /no mask of its own/ },
  ),
  'two sequences, one with a mask: tfjs gives both the same': {
    inputs: [[6], [6, 2]],
    build: (x, y) =>
      layers
        .concatenate()
        .apply([
          layers.lstm({ units: 3 }).apply(y as Symbolic) as Symbolic,
          layers
            .lstm({ units: 3 })
            .apply(layers.embedding({ inputDim: 7, outputDim: 3, maskZero: true }).apply(x as Symbolic)) as Symbolic,
        ]) as Symbolic,
    holds: 'padded indices',
    tolerance: 1e-4,
  },
  'Concatenate of two masked sequences': {
    inputs: [[6], [6]],
    build: (x, y) =>
      layers
        .lstm({ units: 3 })
        .apply(layers.concatenate().apply([embedding(x as Symbolic), embedding(y as Symbolic)])) as Symbolic,
    holds: 'padded indices',
    tolerance: 1e-4,
  },
  Masking: of([6, 3], (x) => masked(x), { holds: 'padded', tolerance: 1e-5 }),
  'Masking of another value': of([6, 3], (x) => layers.masking({ maskValue: 0.5 }).apply(x), { tolerance: 1e-5 }),
  'TimeDistributed Permute': of([4, 3, 2], (x) =>
    layers.timeDistributed({ layer: layers.permute({ dims: [2, 1] }) }).apply(x),
  ),
  'TimeDistributed Dense': of(
    [null, 3],
    (x) => layers.timeDistributed({ layer: layers.dense({ units: 4, activation: 'softmax' }) }).apply(x),
    { tolerance: 1e-5 },
  ),
  'TimeDistributed Conv2D, MaxPooling2D, Flatten, Dense': of([4, 6, 5, 2], (x) =>
    [
      layers.conv2d({ filters: 3, kernelSize: 3 }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 4 }),
    ].reduce<Symbolic>((y, layer) => layers.timeDistributed({ layer }).apply(y) as Symbolic, x),
  ),
  'TimeDistributed Conv2D of any number of steps': of(
    [null, 6, 5, 2],
    (x) => layers.timeDistributed({ layer: layers.conv2d({ filters: 3, kernelSize: 3 }) }).apply(x),
    { open: 4 },
  ),
  'TimeDistributed LSTM': of([4, 5, 2], (x) => layers.timeDistributed({ layer: layers.lstm({ units: 3 }) }).apply(x)),
  'TimeDistributed Bidirectional LSTM': of([4, 5, 2], (x) =>
    layers
      .timeDistributed({
        layer: layers.bidirectional({ layer: layers.lstm({ units: 3 }) as never, mergeMode: 'concat' }),
      })
      .apply(x),
  ),
  'TimeDistributed LSTM, every step': of([4, 5, 2], (x) =>
    layers.timeDistributed({ layer: layers.lstm({ units: 3, returnSequences: true, goBackwards: true }) }).apply(x),
  ),
  'TimeDistributed TimeDistributed Dense': of([4, 5, 2], (x) =>
    layers.timeDistributed({ layer: layers.timeDistributed({ layer: layers.dense({ units: 3 }) }) }).apply(x),
  ),
  'Bidirectional ConvLSTM2D, every step': of([3, 6, 5, 2], (x) =>
    layers
      .bidirectional({
        layer: layers.convLstm2d({ filters: 3, kernelSize: 3, padding: 'same', returnSequences: true }) as never,
        mergeMode: 'concat',
      })
      .apply(x),
  ),
  'Bidirectional ConvLSTM2D of mean, with its states': of([3, 6, 5, 2], (x) =>
    layers
      .bidirectional({
        layer: layers.convLstm2d({ filters: 3, kernelSize: 3, returnState: true }) as never,
        mergeMode: 'ave',
      })
      .apply(x),
  ),
  'ConvLSTM2D of channels_first, dilated': of([3, 2, 8, 7], (x) =>
    layers.convLstm2d({ filters: 3, kernelSize: 3, dilationRate: 2, dataFormat: 'channelsFirst' }).apply(x),
  ),
  'TimeDistributed of a model': of([4, 5], (x) =>
    layers
      .timeDistributed({
        layer: tf.sequential({
          layers: [layers.dense({ units: 3, inputShape: [5], activation: 'relu' }), layers.dense({ units: 2 })],
        }),
      })
      .apply(x),
  ),
  'TimeDistributed of a model, then LSTM': of(
    [null, 6, 5, 2],
    (x) =>
      layers.lstm({ units: 3 }).apply(
        layers
          .timeDistributed({
            layer: tf.sequential({
              layers: [
                layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 5, 2] }),
                layers.flatten(),
                layers.dense({ units: 2 }),
              ],
            }),
          })
          .apply(x),
      ),
    { open: 4 },
  ),
  'Conv1D, then Bidirectional LSTM, then Dense': of([9, 3], (x) =>
    layers
      .dense({ units: 2 })
      .apply(
        layers
          .bidirectional({ layer: layers.lstm({ units: 3, returnSequences: true }) as never, mergeMode: 'concat' })
          .apply(layers.conv1d({ filters: 4, kernelSize: 3, activation: 'relu' }).apply(x)),
      ),
  ),
};
