import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import { InputError } from '../errors.ts';
import { parseJson } from '../json.ts';
import { cannotRun } from './abilities.ts';
import { checkContent } from './checkContent.ts';
import { type Golden, parseGolden } from './golden/file.ts';
import { type VariantGolden, variantGoldenSchema } from './golden/variantFile.ts';
import {
  type BundleFile,
  findGraph,
  type Graph,
  type GraphTensor,
  graphFiles,
  rowLength,
  type Variant,
  type VariantContent,
} from './graphs.ts';
import { type BundleManifest, parseManifest } from './manifest.ts';

/** The parts of ONNX Runtime used here: onnxruntime-node and onnxruntime-web both have them. */
export interface OnnxRuntime {
  InferenceSession: { create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: TensorConstructor;
}

/** Reads one file of a bundle by its name: from a folder, over HTTP. `entry`: what the manifest says of it. */
export type ReadFile = (file: string, entry?: BundleFile) => Promise<Uint8Array>;

export interface OpenBundleOptions {
  read: ReadFile;
  runtime: OnnxRuntime;
  /** Default fp32. */
  variant?: Variant | undefined;
  sessionOptions?: (graph: Graph) => InferenceSession.SessionOptions;
  /** Numbers of rows, rising, of which each gets a session to itself; another number takes that of the next. Default one session for all. */
  sessionSizes?: ((graph: Graph) => readonly number[]) | undefined;
}

/**
 * Runs one graph of the bundle, on as many inputs as the arrays hold.
 *
 * @param graph `audio`, `image`, `match`, `classify-NAME`.
 * @param inputs by their names: row after row in one array, of the manifest's shapes and types.
 * @param outputs those that are wanted; others are not copied out of the runtime.
 * @returns the outputs by their names: float32, row after row in one array.
 * @throws {InputError} for a graph that the bundle lacks.
 */
export type RunGraph = <Output extends string>(
  graph: string,
  inputs: Record<string, Float32Array | Uint8Array>,
  outputs: readonly Output[],
) => Promise<Record<Output, Float32Array>>;

export interface Bundle {
  manifest: BundleManifest;
  variant: Variant;
  golden: Golden;
  /** What the variant itself gave when it was made; null: fp32, or it does not say. */
  variantGolden: VariantGolden | null;
  run: RunGraph;
  release(): Promise<void>;
}

/**
 * Reads a bundle, checks every file against its manifest and loads its graphs.
 *
 * @throws {InputError} for a manifest that is not as expected, a file that is not what the manifest says, a variant it lacks, a graph that
 *   ONNX Runtime refuses or that takes and gives something else than the manifest says.
 */
export async function openBundle({ variant = 'fp32', ...options }: OpenBundleOptions): Promise<Bundle> {
  const manifest = await readManifest(options.read);
  const golden = await readGolden(manifest, { read: options.read, variant });
  return { manifest, variant, ...golden, ...(await loadGraphs(manifest, { ...options, variant })) };
}

export async function readManifest(read: ReadFile): Promise<BundleManifest> {
  return parseManifest(decodeText(await read('manifest.json')), 'manifest.json');
}

/** The numbers that the golden check compares with. */
export async function readGolden(
  manifest: BundleManifest,
  { read, variant }: Pick<LoadGraphsOptions, 'read' | 'variant'>,
): Promise<Pick<Bundle, 'golden' | 'variantGolden'>> {
  const own = variantOf(manifest, variant).golden;
  const golden = parseGolden(decodeText(await readChecked(manifest.golden, read)), manifest.golden.file);
  const variantGolden = own ? parseJson(variantGoldenSchema, decodeText(await readChecked(own, read)), own.file) : null;
  return { golden, variantGolden };
}

export interface LoadGraphsOptions extends OpenBundleOptions {
  variant: Variant;
}

interface SizedSession {
  size: number;
  session: InferenceSession;
}

/** Reads and loads the graphs that the manifest lists, all of them or none. */
export async function loadGraphs(
  manifest: BundleManifest,
  { read, runtime, variant, sessionOptions, sessionSizes }: LoadGraphsOptions,
): Promise<Pick<Bundle, 'run' | 'release'>> {
  const content = variantOf(manifest, variant);
  // All are read and checked before the first is loaded: over HTTP side by side, and a broken one leaves no session behind.
  const entries = graphFiles(content).filter((entry) =>
    manifest.graphs.some(({ name }) => content.files[name]?.file === entry.file),
  );
  const contents = await Promise.all(entries.map((entry) => readChecked(entry, read)));
  const models = new Map(entries.map(({ file }, i) => [file, contents[i] as Uint8Array]));
  const sessions = new Map<string, SizedSession[]>();
  const release = async () => {
    for (const { session } of [...sessions.values()].flat()) await session.release();
  };
  try {
    for (const graph of manifest.graphs) {
      const { file } = content.files[graph.name] as BundleFile;
      const sized: SizedSession[] = [];
      sessions.set(graph.name, sized);
      for (const size of sessionSizes?.(graph) ?? [Number.POSITIVE_INFINITY]) {
        const options = { file, runtime, sessionOptions: sessionOptions?.(graph) };
        const session = await load(models.get(file) as Uint8Array, options);
        sized.push({ size, session });
        checkSignature(session, graph, file);
      }
    }
  } catch (error) {
    await release();
    throw error;
  }

  return {
    async run(name, inputs, outputs) {
      const graph = findGraph(manifest, name);
      const sized = sessions.get(name);
      if (!graph || !sized) throw cannotRun(manifest, name);
      const feeds = Object.fromEntries(
        graph.inputs.map((input) => [input.name, tensorOf(runtime, input, inputs[input.name])]),
      );
      const batches = new Set(Object.values(feeds).map(({ dims }) => dims[0]));
      if (batches.size > 1)
        throw new RangeError(
          `Expected as many rows in each input of "${name}" but received ${[...batches].join(', ')}.`,
        );
      const [rows = 0] = batches;
      const { session } = (sized.find(({ size }) => size >= rows) ?? sized.at(-1)) as SizedSession;
      const given = await session.run(feeds, outputs);
      return Object.fromEntries(outputs.map((output) => [output, (given[output] as Tensor).data])) as Record<
        (typeof outputs)[number],
        Float32Array
      >;
    },
    release,
  };
}

function variantOf(manifest: BundleManifest, variant: Variant): VariantContent {
  const content = manifest.variants[variant];
  if (content) return content;
  const others = Object.keys(manifest.variants).join(', ');
  throw new InputError(`Bundle "${manifest.name}" has no ${variant} variant; it has ${others}.`, 'not_found');
}

async function readChecked(entry: BundleFile, read: ReadFile): Promise<Uint8Array> {
  const bytes = await read(entry.file, entry);
  await checkContent(bytes, entry);
  return bytes;
}

interface LoadOptions {
  file: string;
  runtime: OnnxRuntime;
  sessionOptions: InferenceSession.SessionOptions | undefined;
}

async function load(model: Uint8Array, { file, runtime, sessionOptions }: LoadOptions): Promise<InferenceSession> {
  return runtime.InferenceSession.create(model, sessionOptions).catch((cause: unknown) => {
    const reason = String((cause as Error)?.message ?? cause).split('\n')[0];
    throw new InputError(
      `ONNX Runtime cannot load ${file}, which is whole as the manifest says: ${reason}. ` +
        'Export the bundle again with this version of Clapper, or run it with the ONNX Runtime that Clapper was installed with.',
      'invalid_request',
      { cause },
    );
  });
}

/** The manifest's table of graphs is what callers go by. */
function checkSignature(session: InferenceSession, { name, inputs, outputs }: Graph, file: string): void {
  const words = ({ name, dtype, shape }: GraphTensor) => `${name} ${dtype} [${shape.join(', ')}]`;
  const actualWords = (values: readonly InferenceSession.ValueMetadata[]) =>
    values.map((value) => (value.isTensor ? `${value.name} ${value.type} [${value.shape.join(', ')}]` : value.name));
  for (const [side, declared, actual] of [
    ['takes', inputs.map(words), actualWords(session.inputMetadata)],
    ['gives', outputs.map(words), actualWords(session.outputMetadata)],
  ] as const) {
    if ([...declared].sort().join() === [...actual].sort().join()) continue;
    throw new InputError(
      `Expected the graph "${name}" in ${file}, as manifest.json says, to have what it ${side} as ${declared.join(', ')} ` +
        `but it is ${actual.join(', ')}. Export the bundle again.`,
    );
  }
}

function tensorOf(runtime: OnnxRuntime, { name, dtype, shape }: GraphTensor, data?: Float32Array | Uint8Array): Tensor {
  const [, ...rest] = shape;
  const size = rowLength({ shape });
  const isOfType = dtype === 'float32' ? data instanceof Float32Array : data instanceof Uint8Array;
  if (!data || !isOfType || data.length === 0 || data.length % size !== 0) {
    throw new RangeError(
      `Expected "${name}" as ${dtype} [batch, ${rest.join(', ')}] but received ${data ? `${data.constructor.name} of ${data.length}` : 'nothing'}.`,
    );
  }
  const dims = [data.length / size, ...rest];
  return data instanceof Float32Array
    ? new runtime.Tensor('float32', data, dims)
    : new runtime.Tensor('uint8', data, dims);
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
