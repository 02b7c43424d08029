import { InputError } from '#core/errors.ts';

/** A layer that cannot be converted, and why. */
export class LayerProblem extends InputError {
  override name = 'LayerProblem';
  readonly layer: string;
  readonly reason: string;

  constructor(layer: string, reason: string) {
    super(`Layer "${layer}" cannot be converted: ${reason}.`);
    this.layer = layer;
    this.reason = reason;
  }
}
