import { elementCount } from '#core/elementCount.ts';
import { Random } from '#core/random.ts';
import type { Case, Symbolic } from '../support/parity.ts';
import { tf } from '../support/tfjs.ts';

const { layers } = tf;

/**
 * A network drawn from a seed: layers of all families with random settings, results that are read twice, layers called twice, models as
 * layers, several inputs and outputs.
 */
export function drawNetwork(seed: number): Case {
  const random = new Random(seed);
  const kind = random.pick(['pictures', 'pictures', 'sequences', 'sequences', 'volumes', 'rows', 'indices'] as const);
  const side = () => 4 + random.integer(7);
  const open = random.uniform() < 0.25;
  const inputs: (number | null)[][] = [
    {
      pictures: () => (open ? [null, null, 1 + random.integer(4)] : [side(), side(), 1 + random.integer(4)]),
      sequences: () => [open ? null : side(), 1 + random.integer(5)],
      volumes: () => [3 + random.integer(4), 3 + random.integer(4), 3 + random.integer(4), 1 + random.integer(3)],
      rows: () => [2 + random.integer(6)],
      indices: () => [open ? null : side()],
    }[kind](),
  ];
  const twice = random.uniform() < 0.3;
  if (twice) inputs.push([...(inputs[0] as (number | null)[])]);
  return {
    inputs,
    holds:
      kind === 'indices' ? 'padded indices' : kind === 'sequences' && random.uniform() < 0.3 ? 'padded' : 'numbers',
    open: 8 + random.integer(5),
    tolerance: 1e-4,
    build: (...given) => new Drawing(random).network(given, kind === 'indices'),
  };
}

class Drawing {
  readonly #random: Random;
  /** A layer that may be called again. */
  #shared: tf.layers.Layer | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  network(inputs: Symbolic[], indices: boolean): Symbolic[] {
    const random = this.#random;
    const embed = layers.embedding({ inputDim: 7, outputDim: 2 + random.integer(3), maskZero: random.uniform() < 0.5 });
    let values = indices ? inputs.map((input) => embed.apply(input) as Symbolic) : inputs;
    const depth = 2 + random.integer(6);
    for (let i = 0; i < depth; i++) {
      const next = values.map((value) => this.#layer(value));
      // Now and then two become one, or one is read twice.
      const [a, b] = next;
      values = a && b && same(a, b) && random.uniform() < 0.4 ? [this.#merge(a, b), b] : next;
      if (a && random.uniform() < 0.2) values.push(a);
    }
    return [...new Set(values)].slice(0, 3);
  }

  #layer(x: Symbolic): Symbolic {
    const random = this.#random;
    if (this.#shared && random.uniform() < 0.15) {
      const before = this.#shared;
      const again = before.inboundNodes[0]?.inputShapes[0] as number[] | undefined;
      if (again && again.join() === x.shape.join()) return before.apply(x) as Symbolic;
    }
    const layer = this.#draw(x);
    if (!layer) return x;
    if (random.uniform() < 0.3) this.#shared = layer;
    const result = layer.apply(x);
    return (Array.isArray(result) ? random.pick(result as Symbolic[]) : result) as Symbolic;
  }

  #draw(x: Symbolic): tf.layers.Layer | null {
    const rank = x.shape.length;
    const random = this.#random;
    const choices = [() => this.#anyRank(x), () => this.#anyRank(x)];
    if (rank === 2) choices.push(() => this.#rows(x));
    if (rank === 3)
      choices.push(
        () => this.#sequence(x),
        () => this.#sequence(x),
        () => this.#sequence(x),
      );
    if (rank === 4)
      choices.push(
        () => this.#picture(x),
        () => this.#picture(x),
        () => this.#picture(x),
      );
    if (rank === 5)
      choices.push(
        () => this.#volume(x),
        () => this.#volume(x),
      );
    if (rank > 5) return null;
    return random.pick(choices)();
  }

  #anyRank(x: Symbolic): tf.layers.Layer | null {
    const random = this.#random;
    const rank = x.shape.length;
    const known = x.shape.slice(1) as (number | null)[];
    const whole = known.every((size) => size !== null);
    const size = elementCount(known as number[]);
    const choices: (() => tf.layers.Layer | null)[] = [
      () =>
        layers.dense({ units: 1 + random.integer(6), activation: this.#activation(), useBias: random.uniform() < 0.7 }),
      () => layers.activation({ activation: this.#activation() }),
      () =>
        rank > 4
          ? null
          : layers.batchNormalization({
              epsilon: random.pick([1e-3, 1e-2]),
              center: random.uniform() < 0.7,
              scale: random.uniform() < 0.7,
            }),
      () =>
        rank > 4
          ? null
          : layers.layerNormalization(
              rank > 2 && whole && random.uniform() < 0.4 ? { axis: [rank - 2, rank - 1] } : {},
            ),
      () =>
        random.pick([
          layers.reLU({ maxValue: 1 }),
          layers.leakyReLU({ alpha: 0.2 }),
          layers.elu(),
          layers.thresholdedReLU({ theta: 0.1 }),
          layers.softmax({ axis: -1 }),
        ]),
      () => layers.dropout({ rate: 0.5 }),
      () => (rank > 2 && whole && size <= 600 ? layers.flatten() : null),
      () => (rank > 2 && whole ? layers.prelu(random.uniform() < 0.5 ? { sharedAxes: [1] } : {}) : null),
      () => {
        if (rank < 3 || rank > 4) return null;
        const dims = Array.from({ length: rank - 1 }, (_, i) => i + 1);
        // The last axis must stay known.
        const shuffled = dims
          .map((dim) => ({ dim, at: random.uniform() }))
          .sort((a, b) => a.at - b.at)
          .map(({ dim }) => dim);
        return x.shape[shuffled.at(-1) as number] === null ? null : layers.permute({ dims: shuffled });
      },
      () => {
        if (!whole || rank < 3 || size > 600) return null;
        const factors = [1, 2, 3, 4].filter((factor) => size % factor === 0);
        const first = random.pick(factors);
        return layers.reshape({
          targetShape: random.pick([
            [first, size / first],
            [size / first, first],
            [-1 as number, first],
          ]),
        });
      },
    ];
    return random.pick(choices)();
  }

  #rows(x: Symbolic): tf.layers.Layer {
    const random = this.#random;
    const size = x.shape[1] as number;
    if (random.uniform() < 0.4) return layers.repeatVector({ n: 2 + random.integer(3) });
    const inside = tf.sequential({
      layers: [
        layers.dense({ units: 3, inputShape: [size], activation: this.#activation() }),
        layers.dense({ units: 2 + random.integer(3) }),
      ],
    });
    return inside as unknown as tf.layers.Layer;
  }

  #sequence(x: Symbolic): tf.layers.Layer | null {
    const random = this.#random;
    const length = (x.shape[1] as number | null) ?? 8;
    const kernel = 1 + random.integer(Math.min(3, length));
    const recurrent = () => {
      const settings = {
        units: 1 + random.integer(4),
        returnSequences: random.uniform() < 0.6,
        returnState: random.uniform() < 0.15,
        goBackwards: random.uniform() < 0.3,
        useBias: random.uniform() < 0.8,
        activation: random.pick(['tanh', 'tanh', 'relu', 'linear', 'swish'] as const),
        recurrentActivation: random.pick(['sigmoid', 'hardSigmoid', 'hardSigmoid'] as const),
      };
      return random.pick([
        () => layers.lstm(settings),
        () => layers.gru(settings),
        () => layers.simpleRNN({ ...settings, activation: 'tanh' }),
      ])();
    };
    const choices: (() => tf.layers.Layer | null)[] = [
      () =>
        layers.conv1d({
          filters: 1 + random.integer(4),
          kernelSize: kernel,
          ...this.#stride(),
          padding: this.#padding(),
          activation: this.#activation(),
          useBias: random.uniform() < 0.7,
        }),
      () =>
        length >= 2
          ? random.pick([layers.maxPooling1d, layers.averagePooling1d])({
              poolSize: 2,
              strides: 1 + random.integer(2),
              padding: this.#padding(),
            })
          : null,
      () => random.pick([layers.globalMaxPooling1d({}), layers.globalAveragePooling1d({})]),
      recurrent,
      recurrent,
      () => layers.masking({ maskValue: 0 }),
      () => {
        const inner = recurrent();
        return layers.bidirectional({
          layer: inner as never,
          mergeMode: random.pick(['concat', 'sum', 'ave', 'mul'] as const),
        });
      },
      () =>
        layers.timeDistributed({
          layer: layers.dense({ units: 1 + random.integer(4), activation: this.#activation() }),
        }),
    ];
    return random.pick(choices)();
  }

  #picture(x: Symbolic): tf.layers.Layer | null {
    const random = this.#random;
    const [, height, width, channels] = x.shape as (number | null)[];
    const smallest = Math.min(height ?? 8, width ?? 8);
    const kernel = 1 + random.integer(Math.min(3, smallest));
    const first =
      random.uniform() < 0.12 && height !== null && width !== null && smallest >= kernel && (channels ?? 0) >= kernel;
    const dataFormat = first ? ('channelsFirst' as const) : ('channelsLast' as const);
    const common = {
      kernelSize: kernel,
      padding: this.#padding(),
      activation: this.#activation(),
      useBias: random.uniform() < 0.7,
      dataFormat,
    };
    const filters = 1 + random.integer(4);
    const choices: (() => tf.layers.Layer | null)[] = [
      () => layers.conv2d({ ...common, filters, ...this.#stride() }),
      () => layers.conv2d({ ...common, filters, ...this.#stride() }),
      () => layers.conv2dTranspose({ ...common, filters, strides: 1 + random.integer(2) }),
      () =>
        layers.depthwiseConv2d({ ...common, strides: 1 + random.integer(2), depthMultiplier: 1 + random.integer(2) }),
      () => (first ? null : layers.separableConv2d({ ...common, filters, strides: 1 + random.integer(2) })),
      () =>
        smallest >= 2 && !first
          ? random.pick([layers.maxPooling2d, layers.averagePooling2d])({
              poolSize: 2,
              strides: 1 + random.integer(2),
              padding: this.#padding(),
            })
          : null,
      () => random.pick([layers.globalMaxPooling2d({}), layers.globalAveragePooling2d({})]),
      () => layers.zeroPadding2d({ padding: [[random.integer(2), random.integer(3)], [random.integer(3), random.integer(2)]] }), // biome-ignore format: pairs
      () => // tfjs takes a size that is not known for 0 here.
        (height !== null && width !== null && smallest > 3 ? layers.cropping2D({ cropping: [[1, random.integer(2)], [0, 1]] }) : null), // biome-ignore format: pairs
      () =>
        smallest <= 12
          ? layers.upSampling2d({
              size: [1 + random.integer(2), 2],
              interpolation: random.pick(['nearest', 'bilinear'] as const),
            })
          : null,
      () => layers.rescaling({ scale: 0.5, offset: 0.1 }),
    ];
    return random.pick(choices)();
  }

  #volume(x: Symbolic): tf.layers.Layer | null {
    const random = this.#random;
    const smallest = Math.min(...(x.shape.slice(1, 4) as number[]));
    const kernel = 1 + random.integer(Math.min(2, smallest));
    const choices: (() => tf.layers.Layer | null)[] = [
      () =>
        layers.conv3d({
          filters: 1 + random.integer(3),
          kernelSize: kernel,
          strides: 1 + random.integer(2),
          padding: this.#padding(),
          activation: this.#activation(),
        }),
      () =>
        layers.conv3dTranspose({
          filters: 1 + random.integer(2),
          kernelSize: kernel,
          strides: 1 + random.integer(2),
          padding: this.#padding(),
        }),
      () =>
        smallest >= 2
          ? random.pick([layers.maxPooling3d, layers.averagePooling3d])({
              poolSize: 2,
              strides: 1,
              padding: this.#padding(),
            })
          : null,
      () => layers.timeDistributed({ layer: layers.conv2d({ filters: 2, kernelSize: kernel, padding: 'same' }) }),
      () =>
        smallest >= 2
          ? layers.convLstm2d({
              filters: 2,
              kernelSize: kernel,
              padding: this.#padding(),
              returnSequences: random.uniform() < 0.5,
            })
          : null,
    ];
    return random.pick(choices)();
  }

  #merge(a: Symbolic, b: Symbolic): Symbolic {
    const random = this.#random;
    const layer = random.pick([
      layers.add(),
      layers.multiply(),
      layers.average(),
      layers.maximum(),
      layers.minimum(),
      layers.concatenate(),
    ]);
    return layer.apply([a, b]) as Symbolic;
  }

  #activation() {
    return this.#random.pick([
      'linear',
      'relu',
      'tanh',
      'sigmoid',
      'elu',
      'softmax',
      'relu6',
      'hardSigmoid',
      'swish',
      'softplus',
      'selu',
      'linear',
    ] as const);
  }

  #padding(): 'same' | 'valid' {
    return this.#random.pick(['same', 'valid'] as const);
  }

  /** tfjs wants strides or dilation, not both. */
  #stride(): { strides: number } | { dilationRate: number } {
    return this.#random.uniform() < 0.75
      ? { strides: 1 + this.#random.integer(2) }
      : { dilationRate: 1 + this.#random.integer(2) };
  }
}

function same(a: Symbolic, b: Symbolic): boolean {
  return a.shape.length > 1 && a.shape.join() === b.shape.join();
}
