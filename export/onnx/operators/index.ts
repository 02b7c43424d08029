import { elementwise } from './elementwise.ts';
import { linear } from './linear.ts';
import { recurrentOperators } from './recurrent.ts';
import { reductions } from './reductions.ts';
import type { OperatorRule } from './rule.ts';
import { shapes } from './shapes.ts';
import { windows } from './windows.ts';

/** Every operator that is written here without being told its results, by its name. */
export const operators: Record<string, OperatorRule> = {
  ...elementwise,
  ...linear,
  ...recurrentOperators,
  ...reductions,
  ...shapes,
  ...windows,
};
