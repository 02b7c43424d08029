import { availableParallelism, cpus } from 'node:os';

/** What a measurement was made on. */
export interface Machine {
  cpu: string;
  cores: number;
  node: string;
}

export function describeMachine(): Machine {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version };
}
