import type { Activation } from '../../activations.ts';

/** Activations that ONNX's recurrent operators know, with the numbers that they take. */
const known: Record<string, { name: string; alpha?: number; beta?: number }> = {
  elu: { name: 'Elu', alpha: 1 },
  hard_sigmoid: { name: 'HardSigmoid', alpha: 0.2, beta: 0.5 }, // as tfjs and Keras 2 have it
  linear: { name: 'Affine', alpha: 1, beta: 0 },
  relu: { name: 'Relu' },
  sigmoid: { name: 'Sigmoid' },
  softplus: { name: 'Softplus' },
  softsign: { name: 'Softsign' },
  tanh: { name: 'Tanh' },
};

/** @returns the attributes for these activations; null where the operators lack one of them. */
export function operatorActivations(activations: Activation[]): Record<string, unknown> | null {
  const found = activations.map((activation) => (typeof activation === 'string' ? known[activation] : undefined));
  if (!found.every((one) => one !== undefined)) return null;
  const alphas = found.flatMap(({ alpha }) => alpha ?? []);
  const betas = found.flatMap(({ beta }) => beta ?? []);
  return {
    activations: found.map(({ name }) => name),
    ...(alphas.length > 0 && { activation_alpha: alphas }),
    ...(betas.length > 0 && { activation_beta: betas }),
  };
}
