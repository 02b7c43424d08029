import type { Ability } from '#core/bundle/abilities.ts';
import { findGraph, rowLength, type Variant } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import type { Classification, Match } from '#core/bundle/matcher.ts';
import { ByteLru } from './cache.ts';
import { Refusal, WorkerLost } from './errors.ts';
import type { Fleet } from './fleet.ts';
import type { Limits } from './limits.ts';
import { bundleKey, findAbleModel, findModel, findVariant, type Model, type Models } from './models.ts';
import type { GraphResult, GraphTask, Item, Rows } from './protocol.ts';
import type { Addressed, Answered, AnswerTimings, Caller, Question } from './questions.ts';
import { Run } from './run.ts';

/** Bundles and the workers that run them; replaced as a whole when a bundle changes. */
export interface Generation {
  models: Models;
  fleet: Fleet;
}

interface InUse extends Generation {
  questions: number;
  tellUnused: () => void;
}

export interface EngineOptions {
  limits: Limits;
  /** 0: none. */
  cacheBytes: number;
  observe?: Observer | undefined;
}

/** Told of what happened, for metrics. */
export interface Observer {
  answered?(what: { model: string; variant: Variant; timings: AnswerTimings }): void;
  cached?(what: { hits: number; misses: number }): void;
}

export type EngineState = 'starting' | 'ready' | 'draining';

export class Engine {
  state: EngineState = 'starting';
  readonly cache: ByteLru<Rows>;
  #generation: InUse | undefined;
  #limits: Limits;
  #observe: Observer;
  #pending = 0;
  #tellIdle: (() => void)[] = [];

  constructor({ limits, cacheBytes, observe = {} }: EngineOptions) {
    this.#limits = limits;
    this.#observe = observe;
    this.cache = new ByteLru(cacheBytes);
  }

  /** @throws {Refusal} while nothing is loaded. */
  get generation(): Generation {
    if (!this.#generation) throw starting();
    return this.#generation;
  }

  /** @throws {Refusal} while nothing is loaded. */
  get models(): Models {
    return this.generation.models;
  }

  get pending(): number {
    return this.#pending;
  }

  /** Puts new bundles in the place of the old. @returns the old generation; what it works on goes on. */
  swap(next: Generation): Generation | undefined {
    const old = this.#generation;
    this.#generation = { ...next, questions: 0, tellUnused: () => {} };
    if (this.state === 'starting') this.state = 'ready';
    return old;
  }

  /** Settles when no question that began with an old generation is left. */
  retired(old: Generation): Promise<void> {
    const used = old as InUse;
    return new Promise((resolve) => {
      used.tellUnused = resolve;
      if (used.questions === 0) resolve();
    });
  }

  /** @throws {Refusal} unless new callers are welcome. */
  expectReady(): void {
    if (this.state === 'draining') throw new Refusal('draining', 'The server is shutting down. Ask another one.');
    this.expectServing();
  }

  /** @throws {Refusal} unless questions are answered: while shutting down, those of callers who are here already. */
  expectServing(): void {
    if (this.state === 'starting') throw starting();
    if (this.generation.fleet.alive === 0) {
      throw new Refusal('starting', 'No worker lives; new ones are being started. Try again in a moment.');
    }
  }

  /** @throws {Refusal} where more work would wait too long: before a body is read, and once more when its cost is known. */
  expectRoom({ timeoutMs }: Pick<Caller, 'timeoutMs'>): void {
    const { waiting, backlogMs } = this.generation.fleet;
    if (waiting < this.#limits.queueItems && backlogMs < timeoutMs) return;
    throw new Refusal(
      'overloaded',
      `${waiting} items wait already, for about ${(backlogMs / 1000).toFixed(1)} s. Try again later.`,
      Math.min(30, backlogMs / 1000),
    );
  }

  /** @returns `[image][sound]`. */
  async score(question: Question, caller: Caller): Promise<Answered<Match[][]>> {
    return this.#ask('match', question, caller, async (run) => {
      const { scores, notes } = await run.judge('score');
      return { answer: scores as Match[][], notes };
    });
  }

  /** Of the question's one sound or picture. */
  async classify(kind: Item['kind'], question: Question, caller: Caller): Promise<Answered<Classification[]>> {
    return this.#ask(`classify-${kind}`, question, caller, async (run) => {
      const { classifications, notes } = await run.judge('classify');
      return { answer: classifications as Classification[], notes };
    });
  }

  /** Of each picture, then of each sound. */
  async embed(kind: Item['kind'], question: Question, caller: Caller): Promise<Answered<Rows[]>> {
    return this.#ask(`embed-${kind}`, question, caller, async (run) => {
      const { rows, notes } = await run.judge('nothing');
      return { answer: rows, notes };
    });
  }

  /** One graph on numbers as they are. */
  async infer(
    question: Addressed & Omit<GraphTask, 'task' | 'bundle'>,
    caller: Caller,
  ): Promise<Answered<GraphResult['outputs']>> {
    const { model, variant, ...graph } = question;
    const generation = this.generation;
    const found = findModel(generation.models, model);
    return this.#attend(caller, found, variant, async (key, chosen) => {
      const task: GraphTask = { task: 'graph', bundle: key, ...graph };
      const { windowMs, imageMs } = generation.fleet.costsOf(key);
      const rowMs = graph.graph === 'audio' ? windowMs : graph.graph === 'image' ? imageMs : 0.01;
      const costMs = rowMs * rowsOf(found.manifest, graph);
      const { result, queueMs } = await generation.fleet.perform({
        task,
        costMs,
        queuedMs: performance.now(),
        patience: caller.patience,
      });
      const { outputs, timings } = result as GraphResult;
      return {
        model: found.manifest.name,
        variant: chosen,
        answer: outputs,
        notes: [],
        timings: { queue: queueMs, ...timings },
      };
    });
  }

  /** Settles when nothing is asked any more. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#pending === 0) resolve();
      else this.#tellIdle.push(resolve);
    });
  }

  async #ask<Answer>(
    ability: Ability,
    question: Question,
    caller: Caller,
    work: (run: Run) => Promise<Pick<Answered<Answer>, 'answer' | 'notes'>>,
  ): Promise<Answered<Answer>> {
    const generation = this.generation;
    const model = findAbleModel(generation.models, question.model, ability);
    return this.#attend(caller, model, question.variant, async (key, variant) => {
      const run = new Run(question, {
        key,
        patience: caller.patience,
        fleet: generation.fleet,
        limits: this.#limits,
        cache: this.cache.capacity > 0 ? this.cache : null,
        digest: model.digest,
      });
      try {
        const { answer, notes } = await work(run);
        return { model: model.manifest.name, variant, answer, notes, timings: toMicroseconds(run.timings) };
      } finally {
        if (run.hits + run.misses > 0) this.#observe.cached?.(run); // of a file that is refused too
      }
    });
  }

  /** What every question has: room, a time limit, an end that is counted, an error that callers understand. */
  async #attend<Answer>(
    caller: Caller,
    model: Model,
    variant: Variant | undefined,
    work: (key: string, variant: Variant) => Promise<Answered<Answer>>,
  ): Promise<Answered<Answer>> {
    const chosen = findVariant(model, variant);
    this.expectRoom(caller);
    const { patience, timeoutMs } = caller;
    const timer = setTimeout(() => patience.end(tooLate(timeoutMs)), timeoutMs);
    const generation = this.generation as InUse;
    generation.questions++;
    this.#pending++;
    try {
      const answered = await new Promise<Answered<Answer>>((resolve, reject) => {
        patience.onEnd(reject); // also while it is worked on: a late answer is thrown away
        work(bundleKey(model.manifest.name, chosen), chosen).then(resolve, reject);
      });
      this.#observe.answered?.(answered);
      return answered;
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      throw new Refusal('worker_lost', `${error.message} Another one takes over: try again.`);
    } finally {
      clearTimeout(timer);
      if (--generation.questions === 0) generation.tellUnused();
      if (--this.#pending === 0) for (const tell of this.#tellIdle.splice(0)) tell();
    }
  }
}

/** Clocks tell no more. */
function toMicroseconds({ queue, decode, infer }: AnswerTimings): AnswerTimings {
  const rounded = (milliseconds: number) => Math.round(1000 * milliseconds) / 1000;
  return { queue: rounded(queue), decode: rounded(decode), infer: rounded(infer) };
}

/** @returns how many inputs a run of one graph takes. */
function rowsOf(manifest: BundleManifest, { graph, inputs }: Pick<GraphTask, 'graph' | 'inputs'>): number {
  const [input] = findGraph(manifest, graph)?.inputs ?? [];
  if (!input) return 1;
  return (inputs[input.name]?.length ?? 0) / rowLength(input);
}

function starting(): Refusal {
  return new Refusal('starting', 'The server is loading its models. Try again in a moment.');
}

function tooLate(timeoutMs: number): Refusal {
  return new Refusal(
    'deadline_exceeded',
    `There was no answer within ${timeoutMs / 1000} s. Try again later, or allow more time.`,
  );
}
