import { z } from 'zod';
import { type Ability, abilitiesOf, abilitySchema } from '#core/bundle/abilities.ts';
import { expectGolden, type GoldenReport } from '#core/bundle/golden/check.ts';
import { type Graph, graphFiles, variantSchema } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { type Bundle, type ReadFile, readGolden, readManifest } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { download } from '../delivery/download.ts';
import { inTime } from '../delivery/inTime.ts';
import { text } from '../text.ts';
import type { GraphRunner, StartOptions } from './backends/backend.ts';
import { isWasmKept, startWasm } from './backends/wasm.ts';
import type { OpenRequest } from './settings.ts';

const modelsSchema = z.object({
  models: z
    .array(
      z.object({
        name: z.string(),
        description: z.string(),
        variants: z.array(variantSchema),
        abilities: z.array(abilitySchema),
      }),
    )
    .min(1),
});
/** `v1/models`: from the server, or a file of the same form where there is none. */
export type ListedModel = z.infer<typeof modelsSchema>['models'][number];

/** What is served, and the bundle that is being opened. */
export interface Shelf {
  models: ListedModel[];
  manifest: BundleManifest;
  abilities: Ability[];
}

export interface OpeningProgress {
  /** Uncompressed, of runtime and graphs. */
  bytes: number;
  totalBytes: number;
}

export interface EngineFacts {
  /** Of WebAssembly; null: it runs elsewhere. */
  threads: number | null;
  /** Classifiers that did not load, and why; the rest goes on without them. */
  missing: { classifier: string; reason: string }[];
  /** How long it took until the first pair could be judged. */
  openingMs: number;
}

export interface OpenModel {
  manifest: BundleManifest;
  /** When the graphs that match are there. */
  model: Promise<LoadedModel>;
}

export interface LoadedModel {
  /** Without what is missing. */
  bundle: Pick<Bundle, 'manifest' | 'run'>;
  facts: EngineFacts;
  /** @throws {InputError} where the model does not give its trainer's numbers here. */
  check(): Promise<GoldenReport>;
}

export interface OpenCallbacks {
  onProgress: (progress: OpeningProgress) => void;
  onShelf: (shelf: Shelf) => void;
  onLost: (error: Error) => void;
}

/**
 * Reads the manifest, then the runtime and the graphs side by side; a runtime that is kept, at once. The shelf is told as soon as the manifest is there: so
 * that the page can be shown while the large files come.
 */
export async function openModel({ base, model, variant, backend }: OpenRequest, on: OpenCallbacks): Promise<OpenModel> {
  const startMs = performance.now();
  const progress = createProgress(on.onProgress);
  const runtime = progress.file(backend === 'server' ? 0 : RUNTIMES[backend === 'webgpu' ? 'webgpu' : 'wasm'].bytes);
  const start = () => {
    const starting = startRunner(backend, base, { onBytes: runtime, onLost: on.onLost });
    starting.catch(() => {}); // said where it is awaited
    return starting;
  };
  const listing = download(`${base}v1/models`);
  listing.catch(() => {}); // said where it is awaited
  // What is kept comes at once; what is not would hold up, on a slow line, what the page can be shown with.
  const early = backend.startsWith('wasm') && (await isWasmKept()) ? start() : null;
  const { models } = parseJson(modelsSchema, decode(await listing), 'v1/models');
  // Where that is not there, the page says so.
  const { name } = models.find(({ name }) => name === model) ?? (models[0] as ListedModel);
  const place = `${base}models/${name}/`;
  const manifest = await readManifest((file) => download(place + file));
  on.onShelf({ models, manifest, abilities: abilitiesOf(manifest) });
  const starting = early ?? start();

  const content = manifest.variants[variant];
  if (!content) throw new InputError(text.noVariant(name, variant, Object.keys(manifest.variants)), 'not_found');
  // Of graphs that run elsewhere nothing is fetched.
  const files = backend === 'server' ? [] : graphFiles(content);
  const reads = new Map(
    files.map((expected) => {
      const { file, bytes } = expected;
      return [file, download(place + file, { expected, onBytes: progress.file(bytes) })] as const;
    }),
  );
  for (const read of reads.values()) read.catch(() => {});
  const read: ReadFile = (file, expected) => reads.get(file) ?? download(place + file, { expected });

  async function load(): Promise<LoadedModel> {
    const runner = await starting;
    const part = (graphs: Graph[]) => runner.load({ ...manifest, graphs }, { variant, read });
    const isClassifier = ({ kind }: Graph) => kind === 'classifier';
    const needed = await part(manifest.graphs.filter((graph) => !isClassifier(graph)));
    const missing: EngineFacts['missing'] = [];
    const runs = new Map<string, Bundle['run']>();
    for (const graph of manifest.graphs.filter(isClassifier)) {
      await part([graph]).then(
        ({ run }) => runs.set(graph.name, run),
        (error: Error) => missing.push({ classifier: graph.name.replace('classify-', ''), reason: error.message }),
      );
    }
    const there: BundleManifest = {
      ...manifest,
      graphs: manifest.graphs.filter((graph) => !isClassifier(graph) || runs.has(graph.name)),
      classifiers: manifest.classifiers.filter(({ name }) => runs.has(`classify-${name}`)),
    };
    const run: Bundle['run'] = (graph, inputs, outputs) => (runs.get(graph) ?? needed.run)(graph, inputs, outputs);
    return {
      bundle: { manifest: there, run },
      facts: { threads: runner.threads, missing, openingMs: performance.now() - startMs },
      async check() {
        const golden = await readGolden(manifest, { read, variant });
        return expectGolden(
          { manifest: there, variant, ...golden, run, release: async () => {} },
          `the model “${name}”`,
        );
      },
    };
  }
  const loaded = load();
  loaded.catch(() => {}); // said where it is awaited
  return { manifest, model: loaded };
}

async function startRunner(backend: OpenRequest['backend'], base: string, options: StartOptions): Promise<GraphRunner> {
  if (backend === 'server') return (await inTime(import('./backends/server.ts'))).createServerRunner(base);
  if (backend === 'webgpu') return (await inTime(import('./backends/webgpu.ts'))).startWebGpu(options);
  return startWasm(options, backend === 'wasm' ? 'one' : 'several');
}

/** Between two messages on how much has come: as often as people see it move. */
const progressMs = 150;

/** Adds up what comes of several files at once. */
function createProgress(onProgress: (progress: OpeningProgress) => void): {
  file(totalBytes: number): (bytes: number) => void;
} {
  const files: OpeningProgress[] = [];
  let toldMs = 0;
  return {
    file(totalBytes) {
      const file = { bytes: 0, totalBytes };
      files.push(file);
      return (bytes) => {
        file.bytes = Math.min(bytes, totalBytes);
        if (file.bytes < totalBytes && performance.now() - toldMs < progressMs) return;
        toldMs = performance.now();
        const sum = (key: keyof OpeningProgress) => files.reduce((sum, file) => sum + file[key], 0);
        onProgress({ bytes: sum('bytes'), totalBytes: sum('totalBytes') });
      };
    },
  };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
