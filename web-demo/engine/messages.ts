import type { Engine } from './engine.ts';
import type { EngineFacts, OpeningProgress, Shelf } from './open.ts';

/** The engine's methods that the page may ask for. */
export type Method = keyof Engine;

/** Every message to the worker after the first: the method's arguments, and a number that its answer carries. */
export interface AskMessage {
  id: number;
  method: Method;
  args: unknown[];
}

export type WorkerMessage =
  /** A Web Lock that the worker holds as long as it lives: browsers say nothing of a worker that they end for want of memory. */
  | { lifeline: string }
  | { progress: OpeningProgress }
  | { shelf: Shelf }
  | { facts: EngineFacts }
  /** The model does not open, or it is lost. */
  | { failure: string }
  | { id: number; result: unknown }
  | { id: number; error: string };
