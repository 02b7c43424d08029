import { findGraph, type Graph, type GraphTensor, type Variant, variantSchema } from '#core/bundle/graphs.ts';
import { elementCount } from '#core/elementCount.ts';
import { InputError } from '#core/errors.ts';
import type { Control } from '../control.ts';
import type { Engine } from '../engine/engine.ts';
import type { Model } from '../engine/models.ts';
import type { Caller } from '../engine/questions.ts';
import { createStatistics, type Statistics } from './statistics.ts';
import type { InferRequest, InferResponse, ModelIndex, ModelMetadata, OipTensor, OipType } from './types.ts';

/**
 * The Open Inference Protocol (v2) over whatever carries it: each graph of a bundle is a model, `NAME.audio`, `NAME.match`,
 * `NAME.classify-*`; a bundle's precisions are its versions, the default first.
 */
export interface OipService {
  readonly server: { name: string; version: string; extensions: string[] };
  isReady(): boolean;
  /** @throws {InputError} not_found, as of all that name a model. */
  isModelReady(name: string, version?: string): boolean;
  metadata(name: string, version?: string): ModelMetadata;
  /** @throws {Refusal} where nothing is answered, or too much waits already: before the tensors are read. */
  expectRoom(name: string, version: string | undefined, caller: Caller): void;
  infer(name: string, version: string | undefined, request: InferRequest, caller: Caller): Promise<InferResponse>;
  statistics(name?: string, version?: string): ReturnType<Statistics['of']>[];
  /** null: callers may not change what is served. */
  repository: OipRepository | null;
}

/** Triton's model repository. A bundle is loaded as a whole: its name will do, and that of one of its graphs. */
export interface OipRepository {
  /** @param ready whether those alone are listed that are served. */
  index(options: { ready: boolean }): Promise<ModelIndex[]>;
  /** @throws {InputError} for parameters, which would be a model's configuration or its files: bundles are loaded as they are. */
  load(name: string, parameters: object): Promise<void>;
  unload(name: string): Promise<void>;
}

const types: Record<GraphTensor['dtype'], OipType> = { float32: 'FP32', uint8: 'UINT8' };

export interface OipOptions {
  engine: Engine;
  version: string;
  control: Control | null;
}

export function createOipService({ engine, version, control }: OipOptions): OipService {
  const statistics = createStatistics();

  const find = (name: string, wanted?: string): { model: Model; graph: Graph; variant: Variant } => {
    const dot = name.lastIndexOf('.');
    const model = engine.models.get(name.slice(0, dot));
    const graph = model && findGraph(model.manifest, name.slice(dot + 1));
    if (!model || !graph) {
      throw new InputError(`There is no model "${name}" here; there is ${namesOf(engine).join(', ')}.`, 'not_found');
    }
    const variant = wanted ? variantSchema.options.find((option) => option === wanted) : model.variants[0];
    if (!variant || !model.variants.includes(variant)) {
      throw new InputError(`"${name}" has no version "${wanted}"; it has ${model.variants.join(', ')}.`, 'not_found');
    }
    return { model, graph, variant };
  };

  return {
    server: {
      name: 'clapper',
      version,
      extensions: ['binary_tensor_data', 'statistics', ...(control ? ['model_repository'] : [])],
    },
    repository: control && createRepository(engine, control),
    isReady() {
      return engine.state === 'ready' && engine.generation.fleet.alive > 0;
    },
    isModelReady(name, wanted) {
      if (engine.state === 'starting') return false; // which models there are is not known yet
      find(name, wanted);
      return this.isReady();
    },
    metadata(name, wanted) {
      const { model, graph } = find(name, wanted);
      const describe = (tensors: GraphTensor[]) =>
        tensors.map(({ name, dtype, shape: [, ...rest] }) => ({ name, datatype: types[dtype], shape: [-1, ...rest] }));
      return {
        name,
        versions: model.variants,
        platform: 'onnx_onnxv1',
        inputs: describe(graph.inputs),
        outputs: describe(graph.outputs),
      };
    },
    expectRoom(name, wanted, caller) {
      find(name, wanted);
      engine.expectServing();
      engine.expectRoom(caller);
    },
    async infer(name, wanted, request, caller) {
      const { model, graph, variant } = find(name, wanted);
      const startMs = performance.now();
      try {
        const batch = checkInputs(graph, request.inputs);
        const outputs = wantedOutputs(graph, request.outputs);
        const { answer, timings } = await engine.infer(
          {
            model: model.manifest.name,
            variant,
            graph: graph.name,
            inputs: Object.fromEntries(request.inputs.map(({ name, data }) => [name, data])),
            outputs: outputs.map((output) => output.name),
          },
          caller,
        );
        statistics.succeeded(name, variant, { batch, totalMs: performance.now() - startMs, ...timings });
        return {
          model_name: name,
          model_version: variant,
          ...(request.id !== undefined && { id: request.id }),
          outputs: outputs.map(({ name, dtype, shape: [, ...rest] }) => ({
            name,
            datatype: types[dtype],
            shape: [batch, ...rest],
            data: answer[name] as Float32Array,
          })),
        };
      } catch (error) {
        statistics.failed(name, variant, performance.now() - startMs);
        throw error;
      }
    },
    statistics(name, wanted) {
      const names = name === undefined ? namesOf(engine) : [name];
      return names.flatMap((one) => {
        const { model, variant } = find(one, wanted);
        return (wanted ? [variant] : model.variants).map((version) => statistics.of(one, version));
      });
    },
  };
}

function createRepository(engine: Engine, control: Control): OipRepository {
  const bundleOf = (name: string) => name.split('.')[0] as string;
  return {
    async index({ ready }) {
      const served = [...engine.models.values()].flatMap(({ manifest, variants }) =>
        manifest.graphs.flatMap((graph) =>
          variants.map((version): ModelIndex => {
            return { name: `${manifest.name}.${graph.name}`, version, state: 'READY', reason: '' };
          }),
        ),
      );
      if (ready) return served;
      const others = (await control.index()).filter(({ isServed }) => !isServed);
      return [
        ...served,
        ...others.map(({ name }): ModelIndex => ({ name, version: '', state: 'UNAVAILABLE', reason: 'unloaded' })),
      ];
    },
    async load(name, parameters) {
      const names = Object.keys(parameters);
      if (names.length > 0) {
        throw new InputError(
          `Expected no parameters to load a model but received ${names.join(', ')}. Leave them out.`,
        );
      }
      await control.load(bundleOf(name));
    },
    unload: (name) => control.unload(bundleOf(name)),
  };
}

function namesOf({ models }: Engine): string[] {
  return [...models.values()].flatMap(({ manifest }) => manifest.graphs.map(({ name }) => `${manifest.name}.${name}`));
}

/** @returns the batch. @throws {InputError} for inputs that the graph does not take. */
function checkInputs(graph: Graph, inputs: OipTensor[]): number {
  const wanted = graph.inputs.map(({ name }) => name);
  const given = inputs.map(({ name }) => name);
  if (new Set(given).size !== given.length || [...wanted].sort().join() !== [...given].sort().join()) {
    throw new InputError(`Expected the inputs ${wanted.join(', ')} but received ${given.join(', ') || 'none'}.`);
  }
  let batch: number | undefined;
  for (const { name, datatype, shape, data } of inputs) {
    const {
      dtype,
      shape: [, ...rest],
    } = graph.inputs.find((input) => input.name === name) as GraphTensor;
    const [rows = 0, ...size] = shape;
    if (datatype !== types[dtype])
      throw new InputError(`Expected "${name}" as ${types[dtype]} but received ${datatype}.`);
    if (rows < 1 || size.join() !== rest.join()) {
      throw new InputError(`Expected "${name}" of shape [-1, ${rest.join(', ')}] but received [${shape.join(', ')}].`);
    }
    const length = elementCount(shape);
    if (data.length !== length) {
      throw new InputError(
        `Expected ${length} numbers for "${name}" [${shape.join(', ')}] but received ${data.length}.`,
      );
    }
    if (data instanceof Float32Array && !areFinite(data)) {
      throw new InputError(`Expected finite numbers for "${name}" but some are not.`);
    }
    if (batch !== undefined && rows !== batch)
      throw new InputError(`Expected one batch for all inputs but received ${batch} and ${rows}.`);
    batch = rows;
  }
  if ((batch as number) > maxBatch)
    throw new InputError(`Expected a batch of at most ${maxBatch} but received ${batch}.`, 'too_large');
  return batch as number;
}

const maxBatch = 256;

/** A plain loop: `every` takes six times as long, a tenth of a second for 25 MB. */
function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function wantedOutputs(graph: Graph, names: string[]): GraphTensor[] {
  if (names.length === 0) return graph.outputs;
  return names.map((name) => {
    const output = graph.outputs.find((one) => one.name === name);
    if (!output)
      throw new InputError(
        `There is no output "${name}"; there is ${graph.outputs.map((one) => one.name).join(', ')}.`,
      );
    return output;
  });
}
