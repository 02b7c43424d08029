import { InputError } from '#core/errors.ts';
import { shapeText } from '../../onnx/value.ts';
import type { Weight } from './weights.ts';

export interface WeightOwner {
  /** Names that the weight's path may carry for it: of the layer, and of what is inside a wrapper. */
  names: string[];
  /** Names of the models around it, outermost first. */
  within: string[];
  /** Where a layer has two halves: which one. */
  half?: Half | undefined;
  /** Of a stack of cells, from 0. */
  cell?: number | undefined;
  className: string;
}

export interface Half {
  /** What a part of the path begins with: `forward`, `backward` or that half's own name. */
  begins: string[];
  /** Its own name, which may stand alone: Keras 3 writes `forward_lstm/lstm_cell/kernel` without the layer around. */
  own?: string | undefined;
}

/**
 * Where a weight stands among those of its layer, for files of Keras 3 that only count them (`dense/0`, `dense/vars/1`); below 0: from the end.
 * What a layer may lack (`bias`, `gamma`) stands where its lack moves nothing that is counted from the other side.
 */
const places: Record<string, number> = {
  kernel: 0,
  depthwise_kernel: 0,
  embeddings: 0,
  alpha: 0,
  gamma: 0,
  recurrent_kernel: 1,
  pointwise_kernel: 1,
  bias: -1,
  moving_mean: -2,
  moving_variance: -1,
};
const placeOf = (weight: string, className: string): number | undefined =>
  weight === 'beta' ? (className === 'BatchNormalization' ? -3 : -1) : places[weight];

/**
 * Finds a layer's weights by the names that tfjs, Keras 2 and Keras 3 give them: `dense/kernel`, `lstm/lstm_cell_3/kernel`,
 * `sequential/bidirectional/forward_lstm/lstm_cell/kernel`, `block1/conv1/kernel` for a layer "block1/conv1"; or `dense/vars/0`.
 */
export class WeightNames {
  readonly #byLastPart = new Map<string, { path: string; weight: Weight }[]>();
  readonly #used = new Set<Weight>();
  readonly #all: Weight[];

  constructor(weights: Iterable<Weight>) {
    this.#all = [...weights];
    for (const weight of this.#all) {
      const name = weight.name.replace(/:\d+$/, '');
      const cut = name.lastIndexOf('/');
      const last = name.slice(cut + 1);
      this.#byLastPart.set(last, [
        ...(this.#byLastPart.get(last) ?? []),
        { path: name.slice(0, Math.max(cut, 0)), weight },
      ]);
    }
  }

  /** Weights of the file that no layer has asked for. */
  get unused(): string[] {
    return this.#all.filter((weight) => !this.#used.has(weight)).map(({ name }) => name);
  }

  /** Every weight of a layer by what follows the layer's name, for layers that are not known here. */
  allOf({ names, within }: WeightOwner): Record<string, Weight> {
    const found: Record<string, Weight> = {};
    for (const [last, list] of this.#byLastPart) {
      for (const { path, weight } of list) {
        const match = matchPath(path, names, within);
        if (!match) continue;
        this.#used.add(weight);
        found[[...match.rest, last].join('/')] = weight;
      }
    }
    return found;
  }

  /** @throws {InputError} where the file lacks it, has several that could be it, or has it in another shape. */
  find(owner: WeightOwner, weight: string, shape: number[]): Weight {
    const label = `"${owner.names[0]}/${weight}" (${owner.className})`;
    const found = this.#choose(owner, weight, label);
    this.#used.add(found);
    if (found.shape.join() === shape.join()) return found;
    throw new InputError(
      `Expected the weight ${label} ${shapeText(shape)} but ${found.name === `${owner.names[0]}/${weight}` ? 'it' : `"${found.name}"`} is ${shapeText(found.shape)}.`,
    );
  }

  has(owner: WeightOwner, weight: string): boolean {
    return this.#candidates(owner, weight).length > 0;
  }

  #choose(owner: WeightOwner, weight: string, label: string): Weight {
    const candidates = this.#candidates(owner, weight);
    const [best, second] = candidates;
    if (!best) {
      const own = Object.keys(this.allOf(owner)).join(', ') || 'none of that name';
      throw new InputError(`Expected the weight ${label} but the model's files hold ${own}: it is missing.`);
    }
    if (second && second.score === best.score) {
      throw new InputError(
        `Expected one weight ${label} but the model's files have several: "${best.weight.name}" and "${second.weight.name}".`,
      );
    }
    return best.weight;
  }

  #candidates(owner: WeightOwner, weight: string): Candidate[] {
    const { half, cell } = owner;
    const byName = this.#of(owner, this.#byLastPart.get(weight) ?? []);
    let candidates = byName.length > 0 ? byName : this.#counted(owner, weight);
    if (half) {
      candidates = candidates.filter((one) => isOfHalf(one, half));
      if (candidates.length === 0 && half.own)
        candidates = this.#of({ ...owner, names: [half.own] }, this.#byLastPart.get(weight) ?? []);
    }
    if (cell !== undefined) {
      const named = candidates.filter(({ rest }) =>
        rest.some((part) => new RegExp(`^rnncell_${cell}$`, 'i').test(part)),
      );
      // Keras numbers its cells through the whole model: what counts is their order in the file.
      const inOrder = candidates.slice(cell, cell + 1);
      return named.length > 0 ? named : inOrder;
    }
    return candidates.sort((a, b) => b.score - a.score);
  }

  /** By its place among the layer's weights, where the file only counts them. */
  #counted(owner: WeightOwner, weight: string): Candidate[] {
    const place = placeOf(weight, owner.className);
    if (place === undefined) return [];
    const numbered = [...this.#byLastPart]
      .filter(([last]) => /^\d+$/.test(last))
      .sort(([a], [b]) => Number(a) - Number(b));
    const all = numbered.flatMap(([, list]) => this.#of(owner, list));
    const { half } = owner;
    const own = half ? all.filter((one) => isOfHalf(one, half)) : all;
    const best = Math.max(...own.map(({ score }) => score));
    const found = own.filter(({ score }) => score === best).at(place);
    return found ? [found] : [];
  }

  #of({ names, within }: WeightOwner, list: { path: string; weight: Weight }[]): Candidate[] {
    return list.flatMap(({ path, weight }) => {
      const match = matchPath(path, names, within);
      return match ? [{ weight, ...match }] : [];
    });
  }
}

interface Candidate {
  weight: Weight;
  /** Of the path, what follows the layer's name. */
  rest: string[];
  score: number;
}

function isOfHalf({ rest }: Candidate, { begins }: Half): boolean {
  return rest.some((part) => begins.some((name) => part === name || part.startsWith(`${name}_`)));
}

/** @returns what follows the layer's name in the path, and how well it fits; null: the path is another layer's. */
function matchPath(path: string, names: string[], within: string[]): { rest: string[]; score: number } | null {
  for (const [i, name] of names.entries()) {
    const at = `/${path}/`.lastIndexOf(`/${name}/`);
    if (at < 0) continue;
    const before = path.slice(0, at).split('/').filter(Boolean);
    const rest = path
      .slice(at + name.length)
      .split('/')
      .filter(Boolean);
    const around = within.filter((model) => before.includes(model)).length;
    // The more of the names before it are models around the layer, the fewer are not, and the fewer names follow, the better; the name of
    // what is inside a wrapper says less than the wrapper's.
    return { rest, score: 20 * around - 20 * (before.length - around) - 5 * i - rest.length };
  }
  return null;
}
