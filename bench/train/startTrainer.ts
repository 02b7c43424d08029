import { fileURLToPath } from 'node:url';
import { type Contestant, startContestant } from '../contestant.ts';

/** What it answers, to `{"steps": 10, "from": "memory" or "loader"}`. */
export interface Answer {
  steps: number;
  seconds: number;
}

/** @param request as `training/bench/main.ts`, the trainer's own program, has it. */
export function startTrainer(request: object): Contestant<Answer> {
  const program = fileURLToPath(new URL('../../training/bench/main.ts', import.meta.url));
  return startContestant(process.execPath, [...process.execArgv, program, JSON.stringify(request)]);
}
