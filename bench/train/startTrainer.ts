import { fileURLToPath } from 'node:url';
import { type Contestant, startContestant } from '../contestant.ts';

/** What it answers, to `{"steps": 10, "from": "memory" or "loader"}`. */
export interface Answer {
  steps: number;
  seconds: number;
}

/** @param request as `training/bench/main.ts`, the trainer's own program, has it. */
export function startTrainer(request: object): Contestant<Answer> {
  const [runner, program] = ['../../node/program.mjs', '../../training/bench/main.ts'].map(pathTo);
  return startContestant(process.execPath, [runner as string, program as string, JSON.stringify(request)]);
}

function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
