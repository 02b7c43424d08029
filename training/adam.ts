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

/**
 * Adam (Kingma & Ba 2015, algorithm 1) over all variables as one long vector: a dozen operators a step however many variables there
 * are, where tfjs' own runs a dozen for each.
 */
export class Adam {
  readonly #variables: tf.Variable[];
  readonly #sizes: number[];
  readonly #decay: WeightDecay;
  #step = 0;
  #first: tf.Tensor1D;
  #second: tf.Tensor1D;
  /** Sum of the gradients since the last step, and how many. */
  #gradient: tf.Tensor1D | null = null;
  #parts = 0;

  constructor(variables: tf.Variable[], decay: WeightDecay = { amount: 0, kind: 'decoupled' }) {
    this.#variables = variables;
    this.#sizes = variables.map((variable) => variable.size);
    this.#decay = decay;
    const total = this.#sizes.reduce((sum, size) => sum + size, 0);
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
    const sum = tf.tidy(() => {
      const gradients = this.#variables.map((variable) => {
        const gradient = grads[variable.name] as tf.Tensor;
        const { amount, kind } = this.#decay;
        return (kind === 'l2' && isDecayed(variable) ? tf.add(gradient, tf.mul(variable, amount)) : gradient).flatten();
      });
      const gradient = tf.concat1d(gradients as tf.Tensor1D[]);
      return this.#gradient ? tf.add<tf.Tensor1D>(this.#gradient, gradient) : gradient;
    });
    tf.dispose(grads);
    this.#gradient?.dispose();
    this.#gradient = sum;
    this.#parts++;
    return value;
  }

  /** One step against the mean of the gradients that were accumulated. */
  apply(learningRate: number): void {
    const beta1 = 0.9;
    const beta2 = 0.999;
    this.#step++;
    const [first, second, updates] = tf.tidy(() => {
      const sum = this.#gradient as tf.Tensor1D;
      const gradient = this.#parts === 1 ? sum : tf.div<tf.Tensor1D>(sum, this.#parts);
      const first = tf.add<tf.Tensor1D>(tf.mul(this.#first, beta1), tf.mul(gradient, 1 - beta1));
      const second = tf.add<tf.Tensor1D>(tf.mul(this.#second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const firstScale = learningRate / (1 - beta1 ** this.#step);
      const deviation = tf.add(tf.sqrt(tf.div(second, 1 - beta2 ** this.#step)), 1e-8);
      const updates = tf.split(tf.div(tf.mul(first, firstScale), deviation) as tf.Tensor1D, this.#sizes);
      return [first, second, updates] as const;
    });
    tf.dispose([this.#first, this.#second, this.#gradient as tf.Tensor1D]);
    this.#first = first;
    this.#second = second;
    this.#gradient = null;
    this.#parts = 0;
    const { amount, kind } = this.#decay;
    const kept = kind === 'decoupled' ? 1 - learningRate * amount : 1;
    for (const [i, variable] of this.#variables.entries()) {
      tf.tidy(() => {
        const value = kept < 1 && isDecayed(variable) ? tf.mul(variable, kept) : variable;
        variable.assign(tf.sub(value, (updates[i] as tf.Tensor).reshape(variable.shape)));
      });
    }
    tf.dispose(updates as tf.Tensor[]);
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

/** Kernels are; vectors (biases, scales) are not. */
function isDecayed(variable: tf.Variable): boolean {
  return variable.rank > 1;
}
