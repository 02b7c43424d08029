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
  | { progress: OpeningProgress }
  | { shelf: Shelf }
  | { facts: EngineFacts }
  /** The model does not open, or it is lost. */
  | { failure: string }
  | { id: number; result: unknown }
  | { id: number; error: string };
