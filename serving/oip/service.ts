import { findGraph, type Graph, type GraphTensor, type Variant, variantSchema } from '#core/bundle/graphs.ts';
import { elementCount } from '#core/elementCount.ts';
import type { Control } from '../control.ts';
import type { Engine } from '../engine/engine.ts';
import type { Model } from '../engine/models.ts';
import type { Caller } from '../engine/questions.ts';
import { createStatistics, type Statistics } from './statistics.ts';
import {
  type InferRequest,
  type InferResponse,
  type ModelMetadata,
  OipError,
  type OipTensor,
  type OipType,
} from './types.ts';

/**
 * The Open Inference Protocol (v2) over whatever carries it: each graph of a bundle is a model, `NAME.audio`, `NAME.match`,
 * `NAME.classify-*`; a bundle's precisions are its versions, the default first.
 */
export interface OipService {
  readonly server: { name: string; version: string; extensions: string[] };
  isReady(): boolean;
  /** @throws {OipError} not_found, as of all that name a model. */
  isModelReady(name: string, version?: string): boolean;
  metadata(name: string, version?: string): ModelMetadata;
  infer(name: string, version: string | undefined, request: InferRequest, caller: Caller): Promise<InferResponse>;
  statistics(name?: string): ReturnType<Statistics['of']>[];
  index(): Promise<{ name: string; version: string; state: 'READY' | 'UNAVAILABLE'; reason: string }[]>;
  /** null: callers may not change what is served. */
  control: Control | null;
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
      throw new OipError(`There is no model "${name}" here; there is ${namesOf(engine).join(', ')}.`, 'not_found');
    }
    const variant = wanted ? variantSchema.options.find((option) => option === wanted) : model.variants[0];
    if (!variant || !model.variants.includes(variant)) {
      throw new OipError(`"${name}" has no version "${wanted}"; it has ${model.variants.join(', ')}.`, 'not_found');
    }
    return { model, graph, variant };
  };

  return {
    server: {
      name: 'clapper',
      version,
      extensions: ['binary_tensor_data', 'statistics', 'model_repository'],
    },
    control,
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
        platform: 'onnxruntime_onnx',
        inputs: describe(graph.inputs),
        outputs: describe(graph.outputs),
      };
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
    statistics(name) {
      const names = name === undefined ? namesOf(engine) : [name];
      return names.flatMap((one) => find(one).model.variants.map((variant) => statistics.of(one, variant)));
    },
    async index() {
      const served = [...engine.models.values()].flatMap(({ manifest, variants }) =>
        manifest.graphs.flatMap((graph) =>
          variants.map((variant) => ({
            name: `${manifest.name}.${graph.name}`,
            version: variant as string,
            state: 'READY' as const,
            reason: '',
          })),
        ),
      );
      const others = (await control?.index())?.filter(({ isServed }) => !isServed) ?? [];
      return [
        ...served,
        ...others.map(({ name }) => ({ name, version: '', state: 'UNAVAILABLE' as const, reason: 'unloaded' })),
      ];
    },
  };
}

function namesOf({ models }: Engine): string[] {
  return [...models.values()].flatMap(({ manifest }) => manifest.graphs.map(({ name }) => `${manifest.name}.${name}`));
}

/** @returns the batch. @throws {OipError} for inputs that the graph does not take. */
function checkInputs(graph: Graph, inputs: OipTensor[]): number {
  const wanted = graph.inputs.map(({ name }) => name);
  const given = inputs.map(({ name }) => name);
  if (new Set(given).size !== given.length || [...wanted].sort().join() !== [...given].sort().join()) {
    throw new OipError(`Expected the inputs ${wanted.join(', ')} but received ${given.join(', ') || 'none'}.`);
  }
  let batch: number | undefined;
  for (const { name, datatype, shape, data } of inputs) {
    const {
      dtype,
      shape: [, ...rest],
    } = graph.inputs.find((input) => input.name === name) as GraphTensor;
    const [rows = 0, ...size] = shape;
    if (datatype !== types[dtype])
      throw new OipError(`Expected "${name}" as ${types[dtype]} but received ${datatype}.`);
    if (rows < 1 || size.join() !== rest.join()) {
      throw new OipError(`Expected "${name}" of shape [-1, ${rest.join(', ')}] but received [${shape.join(', ')}].`);
    }
    const length = elementCount(shape);
    if (data.length !== length) {
      throw new OipError(`Expected ${length} numbers for "${name}" [${shape.join(', ')}] but received ${data.length}.`);
    }
    if (data instanceof Float32Array && !data.every(Number.isFinite)) {
      throw new OipError(`Expected finite numbers for "${name}" but some are not.`);
    }
    if (batch !== undefined && rows !== batch)
      throw new OipError(`Expected one batch for all inputs but received ${batch} and ${rows}.`);
    batch = rows;
  }
  if ((batch as number) > maxBatch)
    throw new OipError(`Expected a batch of at most ${maxBatch} but received ${batch}.`, 'too_large');
  return batch as number;
}

const maxBatch = 256;

function wantedOutputs(graph: Graph, names: string[]): GraphTensor[] {
  if (names.length === 0) return graph.outputs;
  return names.map((name) => {
    const output = graph.outputs.find((one) => one.name === name);
    if (!output)
      throw new OipError(`There is no output "${name}"; there is ${graph.outputs.map((one) => one.name).join(', ')}.`);
    return output;
  });
}
