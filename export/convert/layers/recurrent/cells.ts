import { z } from 'zod';
import { parseLayer } from '../../keras/layer.ts';
import { snakeCaseKeys } from '../../keras/names.ts';
import { LayerProblem } from '../../keras/problem.ts';
import type { LayerWeights } from '../../layer.ts';
import type { Cell } from './cell.ts';
import { cellSchemas, gruCell, lstmCell, simpleRnnCell } from './gates.ts';

interface Place {
  /** Of the layer, for messages. */
  name: string;
  weights: LayerWeights;
  /** Numbers in each step. */
  inputSize: number;
}

/** Classes of layers that walk over sequences of rows. */
export const recurrentClasses = ['SimpleRNN', 'GRU', 'LSTM', 'RNN'];

/** @param className of a recurrent layer, or of a cell. */
export function makeCell(
  className: string,
  config: Record<string, unknown>,
  { name, weights, inputSize }: Place,
): Cell {
  const units = Number(config.units);
  const parts = { units, inputSize, weights };
  switch (className.replace(/Cell$/, '')) {
    case 'SimpleRNN':
      return simpleRnnCell(cellSchemas.SimpleRNN.parse(config), parts);
    case 'GRU':
      return gruCell(cellSchemas.GRU.parse(config), parts);
    case 'LSTM':
      return lstmCell(cellSchemas.LSTM.parse(config), parts);
    case 'RNN': {
      const { class_name, config: inner } = parseLayer(config.cell, `the layer "${name}"`);
      return makeCell(class_name, snakeCaseKeys(inner as Record<string, unknown>), { name, weights, inputSize });
    }
    case 'StackedRNNCells':
      return stackedCells(config, { name, weights, inputSize });
    default:
      throw new LayerProblem(name, `its cell ${className} is not known`);
  }
}

/** One cell on another. Their states stand in reverse: those of the last cell, whose output counts, are first. */
function stackedCells({ cells: written }: Record<string, unknown>, { name, weights, inputSize }: Place): Cell {
  let size = inputSize;
  const cells = (written as unknown[]).map((one, i) => {
    const { class_name, config } = parseLayer(one, `the layer "${name}"`);
    const cell = makeCell(class_name, snakeCaseKeys(config as Record<string, unknown>), {
      name,
      weights: weights.of({ cell: i }),
      inputSize: size,
    });
    size = (cell.states[0] as number[])[0] as number;
    return cell;
  });
  return {
    states: cells.toReversed().flatMap(({ states }) => states),
    step(nodes, x, states) {
      let end = states.length;
      let output = x;
      const after = cells.map((cell) => {
        const own = states.slice(end - cell.states.length, end);
        end -= cell.states.length;
        const result = cell.step(nodes, output, own);
        output = result.output;
        return result.states;
      });
      return { output, states: after.reverse().flat() };
    },
  };
}

/** @returns why the settings of a recurrent layer, or of a cell in it, do not do. */
export function cellProblem(className: string, config: Record<string, unknown>): string | null {
  const kind = className.replace(/Cell$/, '');
  if (kind === 'RNN' || kind === 'StackedRNNCells') {
    const inside = kind === 'RNN' ? [config.cell] : config.cells;
    if (!Array.isArray(inside) || inside.length === 0) return 'it holds no cell';
    for (const one of inside) {
      const { class_name, config: own } = parseLayer(one, `a ${className}`);
      const problem = cellProblem(class_name, snakeCaseKeys(own as Record<string, unknown>));
      if (problem) return problem;
    }
    return null;
  }
  const schema = cellSchemas[kind as keyof typeof cellSchemas];
  if (!schema) return `its cell ${className} is not known`;
  const result = schema.safeParse(config);
  return result.success ? null : z.prettifyError(result.error);
}
