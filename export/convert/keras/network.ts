/** Layers and the calls that join them. A layer may be called several times; its weights are the same in each. */
export interface Network {
  name: string;
  inputs: NetworkInput[];
  /** Every call that an output needs, each after those it reads. */
  calls: Call[];
  outputs: { of: Reference; name: string }[];
}

export interface Layer {
  name: string;
  /** Keras' class, for example `Conv2D`. */
  className: string;
  /** Keras' settings in snake_case; `convert/layers/` checks those it reads. */
  config: Record<string, unknown>;
  /** Of a model used as a layer. */
  network?: Network;
  /** Of a layer around another: `Bidirectional`, `TimeDistributed`. */
  inner?: Layer;
}

export interface NetworkInput {
  name: string;
  /** With the batch first; null: a size that each run chooses. Undefined where only the surrounding network says it. */
  shape: (number | null)[] | undefined;
  dtype: string;
}

export interface Call {
  layer: Layer;
  /** Among the layer's calls, from 0. */
  index: number;
  inputs: Reference[];
  /** The name by which it is given a tensor that no layer here reads. */
  unread?: string;
}

/** A tensor: an input of the network by its number, or one of a call's results. */
export type Reference = { input: number } | { call: Call; result: number };

export function isInput(reference: Reference): reference is { input: number } {
  return 'input' in reference;
}
