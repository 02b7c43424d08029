import { adamStep } from './ops/adamStep.ts';
import { tf } from './tensorflow/load.ts';

export interface AdamState {
  step: number;
  /** First and second moments of all gradients, `[P]` float32 each, in the order of the variables. */
  moments: [Float32Array, Float32Array];
}

export interface WeightDecay {
  /** 0: none. Biases and batch normalisation are never decayed. */
  amount: number;
  /** `l2`: the gradient of ½ amount ‖w‖², as published recipes before 2018 have it; `decoupled`: AdamW (Loshchilov & Hutter 2019). */
  kind: 'l2' | 'decoupled';
}

/** Adam (Kingma & Ba 2015, algorithm 1), over gradients that may be accumulated. */
export class Adam {
  readonly #variables: tf.Variable[];
  readonly #decay: WeightDecay;
  #step = 0;
  #first: tf.Tensor1D;
  #second: tf.Tensor1D;
  /** Sums since the last step, in the order of the variables, and of how many. */
  #gradients: tf.Tensor[] = [];
  #parts = 0;

  constructor(variables: tf.Variable[], decay: WeightDecay = { amount: 0, kind: 'decoupled' }) {
    this.#variables = variables;
    this.#decay = decay;
    const total = variables.reduce((sum, { size }) => sum + size, 0);
    this.#first = tf.zeros([total]);
    this.#second = tf.zeros([total]);
  }

  /**
   * Adds the gradient of one part of the batch.
   *
   * @param loss run once; what it makes is freed, but for the loss itself, which the caller frees.
   */
  accumulate(loss: () => tf.Scalar): tf.Scalar {
    const { value, grads } = tf.variableGrads(loss, this.#variables);
    const gradients = this.#variables.map(({ name }) => grads[name] as tf.Tensor);
    const before = this.#gradients;
    this.#gradients = this.#parts === 0 ? gradients : gradients.map((g, i) => tf.add(g, before[i] as tf.Tensor));
    if (this.#parts > 0) tf.dispose([before, gradients]);
    this.#parts++;
    return value;
  }

  /** One step against the mean of the gradients that were accumulated. */
  apply(learningRate: number): void {
    const { amount, kind } = this.#decay;
    const before = { values: this.#variables, first: this.#first, second: this.#second };
    const after = adamStep(before, this.#gradients, {
      step: ++this.#step,
      learningRate,
      parts: this.#parts,
      l2: kind === 'l2' ? amount : 0,
      kept: kind === 'decoupled' ? 1 - learningRate * amount : 1,
    });
    for (const [i, variable] of this.#variables.entries()) variable.assign(after.values[i] as tf.Tensor);
    tf.dispose([this.#first, this.#second, this.#gradients, after.values]);
    this.#first = after.first;
    this.#second = after.second;
    this.#gradients = [];
    this.#parts = 0;
  }

  /** {@link accumulate}, then {@link apply}. */
  minimize(loss: () => tf.Scalar, learningRate: number): tf.Scalar {
    const value = this.accumulate(loss);
    this.apply(learningRate);
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
