import { tf } from './tensorflow/load.ts';

export interface AdamState {
  step: number;
  /** First and second moments of all gradients, `[P]` float32 each, in the order of the variables. */
  moments: [Float32Array, Float32Array];
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1) over all variables as one long vector: a dozen operators a step however many variables there
 * are, where tfjs' own runs a dozen for each.
 */
export class Adam {
  readonly #variables: tf.Variable[];
  readonly #sizes: number[];
  #step = 0;
  #first: tf.Tensor1D;
  #second: tf.Tensor1D;

  constructor(variables: tf.Variable[]) {
    this.#variables = variables;
    this.#sizes = variables.map((variable) => variable.size);
    const total = this.#sizes.reduce((sum, size) => sum + size, 0);
    this.#first = tf.zeros([total]);
    this.#second = tf.zeros([total]);
  }

  /**
   * One step against the gradient.
   *
   * @param loss run once; what it makes is freed, but for the loss itself, which the caller frees.
   */
  minimize(loss: () => tf.Scalar, learningRate: number): tf.Scalar {
    const beta1 = 0.9;
    const beta2 = 0.999;
    const { value, grads } = tf.variableGrads(loss, this.#variables);
    this.#step++;
    const [first, second, updates] = tf.tidy(() => {
      const gradient = tf.concat1d(this.#variables.map(({ name }) => (grads[name] as tf.Tensor).flatten()));
      const first = tf.add<tf.Tensor1D>(tf.mul(this.#first, beta1), tf.mul(gradient, 1 - beta1));
      const second = tf.add<tf.Tensor1D>(tf.mul(this.#second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const firstScale = learningRate / (1 - beta1 ** this.#step);
      const deviation = tf.add(tf.sqrt(tf.div(second, 1 - beta2 ** this.#step)), 1e-8);
      const updates = tf.split(tf.div(tf.mul(first, firstScale), deviation) as tf.Tensor1D, this.#sizes);
      return [first, second, updates] as const;
    });
    tf.dispose([this.#first, this.#second, grads]);
    this.#first = first;
    this.#second = second;
    for (const [i, variable] of this.#variables.entries()) {
      tf.tidy(() => variable.assign(tf.sub(variable, (updates[i] as tf.Tensor).reshape(variable.shape))));
    }
    tf.dispose(updates as tf.Tensor[]);
    return value;
  }

  state(): AdamState {
    return { step: this.#step, moments: [this.#first.dataSync<'float32'>(), this.#second.dataSync<'float32'>()] };
  }

  restore({ step, moments }: AdamState): void {
    tf.dispose([this.#first, this.#second]);
    this.#step = step;
    this.#first = tf.tensor1d(moments[0]);
    this.#second = tf.tensor1d(moments[1]);
  }

  dispose(): void {
    tf.dispose([this.#first, this.#second]);
  }
}
