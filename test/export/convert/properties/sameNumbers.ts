import { Random } from '#core/random.ts';
import { compare, makeModel, TfjsRefusal } from '../support/parity.ts';
import { drawNetwork } from './networks.ts';

export interface Drawn {
  /** How many networks were compared; tfjs refuses to build or to run some that are drawn. */
  compared: number;
  /** What differs, by seed. */
  wrong: string[];
  refused: Map<string, number>;
}

/** Draws networks until so many were compared with TensorFlow.js. */
export async function compareDrawn(
  count: number,
  firstSeed: number,
  progress: (drawn: Drawn) => void = () => {},
): Promise<Drawn> {
  const drawn: Drawn = { compared: 0, wrong: [], refused: new Map() };
  for (let seed = firstSeed; drawn.compared < count; seed++) {
    const network = drawNetwork(seed);
    let model: ReturnType<typeof makeModel>;
    const batch = 1 + new Random(seed, 1).integer(3);
    try {
      model = makeModel(network, seed);
      if (model.outputs.some(({ shape }) => shape.some((size) => size !== null && size <= 0)))
        throw new Error('an empty result');
    } catch (error) {
      refuse(drawn, error);
      continue;
    }
    try {
      const { difference } = await compare(model, network, batch);
      drawn.compared += 1;
      if (!(difference <= (network.tolerance ?? 1e-5))) drawn.wrong.push(`seed ${seed}: ${difference}`);
    } catch (error) {
      // There is nothing to compare with.
      if (error instanceof TfjsRefusal) refuse(drawn, error);
      else {
        drawn.compared += 1;
        drawn.wrong.push(`seed ${seed}: ${(error as Error).message.slice(0, 300)}`);
      }
    } finally {
      model.dispose();
    }
    progress(drawn);
  }
  return drawn;
}

function refuse({ refused }: Drawn, error: unknown): void {
  const reason = (error as Error).message.replace(/[\d,.[\]]+/g, '#').slice(0, 80);
  refused.set(reason, (refused.get(reason) ?? 0) + 1);
}
