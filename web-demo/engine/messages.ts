import type { Engine, OpeningProgress } from './engine.ts';

/** The engine's methods that the page may ask for. */
export type Method = keyof Engine;

/** The first message to the worker. */
export interface OpenMessage {
  server: string;
}

/** Every later one: the method's arguments, and a number that its answer carries. */
export interface AskMessage {
  id: number;
  method: Method;
  args: unknown[];
}

export type WorkerMessage =
  | { progress: OpeningProgress }
  | { id: number; result: unknown }
  | { id: number; error: string };
