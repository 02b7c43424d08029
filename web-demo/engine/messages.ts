import type { Engine } from './engine.ts';
import type { EngineFacts, OpeningProgress, Shelf } from './open.ts';
import type { EngineSettings } from './settings.ts';

/** The engine's methods that the page may ask for. */
export type Method = keyof Engine;

/** The first message to the worker. */
export interface OpenMessage extends EngineSettings {
  /** The page's address, ending with a slash. */
  base: string;
}

/** Every later one: the method's arguments, and a number that its answer carries. */
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
