import { replayGolden } from '#core/bundle/golden/check.ts';
import { recordVariant } from '#core/bundle/golden/recordVariant.ts';
import { toleranceCaps } from '#core/bundle/golden/tolerance.ts';
import type { BundleFile, Graph, Variant, VariantContent } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { evaluateOpened } from '../evaluate/evaluate.ts';
import { type CalibrationSet, readCalibrationSet } from '../evaluate/learntSet.ts';
import { validationPart } from '../evaluate/testSet.ts';
import { type KnownOptions, measureKnown } from '../known/measureKnown.ts';
import { decodeModel } from '../onnx/decode.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { ModelProto } from '../onnx/messages.ts';
import { accuracyDrops, metricsOf } from './accuracy.ts';
import { addFile, type BundleFiles, fileOf, manifestOf, openFiles } from './bundleFiles.ts';
import { fasterFront } from './fasterFront.ts';
import { toFloat16 } from './fp16.ts';
import { compact } from './int8/compact.ts';
import { type Front, type Int8Encoder, int8Encoder, type Recipe } from './int8/encoder.ts';
import type { CalibrationMethod } from './int8/ranges.ts';
import { storeWeights } from './int8/storeWeights.ts';
import { latencyBatches, measureLatency } from './latency.ts';

export type OtherVariant = Exclude<Variant, 'fp32'>;

export interface VariantOptions {
  variants: readonly OtherVariant[];
  /** Dataset that the bundle learnt from: calibrated on its training part, judged by its validation and test parts. */
  dataset: string;
  /** Default: of each encoder the one that loses least. */
  method?: CalibrationMethod | undefined;
  /** Of sounds, and of pictures. */
  calibrationSamples: number;
  progress: ProgressOutput;
}

/** What a variant costs and wins beside fp32. */
export interface VariantReport {
  variant: OtherVariant;
  /** Of its graphs' files. */
  bytes: number;
  /** Of the bytes of fp32's. */
  sizeShare: number;
  /** Accuracy that fp32 has more on the test split, by the metrics' names; 0.005 is half a point. */
  drops: Record<string, number>;
  /** Time of fp32's run over its own, of each graph at each batch size. */
  speed: { graph: string; batch: number; ratio: number }[];
  recipes: Record<string, Recipe>;
}

/** More accuracy than this is not given up on the validation split: then layers stay in float32, the most sensitive first. */
const mostDropped = 0.005;
const mostLeftOut = 4;

/**
 * Adds variants to a bundle's files, with what was measured of them.
 *
 * @returns in place of the manifest one that lists them; the files that were given are not changed.
 * @throws {InputError} for a dataset that does not fit, or a variant that is further from fp32 than a bundle may be.
 */
export async function makeVariants(
  given: BundleFiles,
  { variants, dataset, method, calibrationSamples, progress }: VariantOptions,
): Promise<{ files: BundleFiles; manifest: BundleManifest; reports: VariantReport[] }> {
  const files = new Map(given);
  const manifest = structuredClone(manifestOf(files));
  for (const other of variants) delete manifest.variants[other];
  const evaluate = (variant: Variant, split: 'validation' | 'test') =>
    judge(files, { manifest, variant, dataset, split, progress });
  const set = await readCalibrationSet(dataset, manifest, calibrationSamples);
  Object.assign(manifest, await knownHere(files, manifest, { dataset, progress }));
  const recipes: Partial<Record<OtherVariant, Record<string, Recipe>>> = {};
  for (const variant of variants) {
    progress.write(`Making ${variant} …\n`);
    const build = (models: Record<string, ModelProto>) => {
      manifest.variants[variant] = contentOf(files, { manifest, variant, models });
    };
    if (variant === 'fp16') {
      build(mapGraphs(files, manifest, (model) => toFloat16(model)));
    } else {
      const int8 = await makeInt8(
        mapGraphs(files, manifest, (model) => model),
        { manifest, set, method },
      );
      const wanted = await evaluate('fp32', 'validation');
      const dropped = async () => {
        build(int8.models());
        return Math.max(0, ...Object.values(accuracyDrops(await evaluate('int8', 'validation'), wanted)));
      };
      const keeps = async () => (await dropped()) <= mostDropped;
      build(int8.models());
      for (const name of await headsTooFar(files, manifest, 'int8')) {
        int8.keepHead(name);
        progress.write(`${name} stays in float32.\n`);
      }
      let drop = await dropped();
      for (let leftOut = 0; drop > mostDropped && leftOut < mostLeftOut; leftOut++) {
        progress.write(`${await int8.leaveOne()} stays in float32.\n`);
        drop = await dropped();
      }
      if (drop > mostDropped) {
        progress.write(
          `int8 still loses ${(100 * drop).toFixed(2)} points of accuracy on the validation split, more than ${100 * mostDropped}, ` +
            `with ${mostLeftOut} layers in float32. More of them would not be int8: see each accuracy below.\n`,
        );
      }
      for (const { name, front } of await int8.tryFronts(keeps)) progress.write(`${name} in int8: ${front}.\n`);
      build(int8.models());
      recipes.int8 = int8.recipes();
    }
  }
  const reports: VariantReport[] = [];
  const wanted = await evaluate('fp32', 'test');
  await measureAll(files, manifest, Object.keys(manifest.variants) as Variant[]); // those of before too: side by side
  for (const variant of variants) {
    const content = manifest.variants[variant] as VariantContent;
    content.golden = await recordGolden(files, manifest, variant);
    content.tolerance = await measuredTolerance(files, manifest, variant);
    content.metrics = await evaluate(variant, 'test');
    const bytes = bytesOf(content);
    reports.push({
      variant,
      bytes,
      sizeShare: bytes / bytesOf(manifest.variants.fp32),
      drops: accuracyDrops(content.metrics, wanted),
      speed: speedOf(content, manifest.variants.fp32),
      recipes: recipes[variant] ?? {},
    });
  }
  return { files, manifest, reports };
}

interface JudgeOptions {
  manifest: BundleManifest;
  variant: Variant;
  dataset: string;
  split: 'validation' | 'test';
  progress: ProgressOutput;
}

async function judge(
  files: BundleFiles,
  { manifest, variant, dataset, split, progress }: JudgeOptions,
): Promise<Record<string, number>> {
  const bundle = await openFiles(files, manifest, variant);
  try {
    // A held-out fold is the test; without one the split is.
    const test = manifest.training.testFold !== null ? {} : { split };
    const part = split === 'test' ? test : validationPart(manifest);
    return metricsOf(await evaluateOpened(bundle, { dataset, progress, ...part }), manifest);
  } finally {
    await bundle.release();
  }
}

function mapGraphs(
  files: BundleFiles,
  { graphs, variants }: BundleManifest,
  change: (model: ModelProto) => ModelProto,
) {
  return Object.fromEntries(
    graphs.map(({ name }): [string, ModelProto] => {
      const { file } = variants.fp32.files[name] as { file: string };
      return [name, change(decodeModel(fileOf(files, file), file))];
    }),
  );
}

/** Encoders compute in int8; heads are stored so, but for those that it would change too much. */
async function makeInt8(
  models: Record<string, ModelProto>,
  { manifest, set, method }: { manifest: BundleManifest; set: CalibrationSet; method: CalibrationMethod | undefined },
) {
  const encoders = new Map<string, Int8Encoder>();
  const kept = new Set<string>();
  for (const { name, kind } of manifest.graphs) {
    const samples = kind === 'audio-encoder' ? set.sounds : kind === 'image-encoder' ? set.pictures : null;
    if (samples) encoders.set(name, await int8Encoder(models[name] as ModelProto, { samples, method }));
  }
  return {
    models: () =>
      Object.fromEntries(
        Object.entries(models).map(([name, model]) => [
          name,
          encoders.get(name)?.model ?? (kept.has(name) ? model : storeWeights(model)),
        ]),
      ),
    keepHead: (name: string) => kept.add(name),
    recipes: () => Object.fromEntries([...encoders].map(([name, { recipe }]) => [name, recipe])),
    /**
     * Takes other fronts of encoders, where they are faster.
     *
     * @param keeps whether accuracy is kept as things stand.
     * @returns what was taken.
     */
    async tryFronts(keeps: () => Promise<boolean>): Promise<{ name: string; front: Front }[]> {
      const taken: { name: string; front: Front }[] = [];
      for (const [name, before] of [...encoders]) {
        const graph = manifest.graphs.find((one) => one.name === name) as Graph;
        const isSound = graph.kind === 'audio-encoder';
        const found = await fasterFront(before, {
          graph,
          model: models[name] as ModelProto,
          spectrogram: isSound ? manifest.training.config.model.spectrogram : null,
          samples: isSound ? set.sounds : set.pictures,
          method,
          keeps: (encoder) => {
            encoders.set(name, encoder);
            return keeps();
          },
        });
        encoders.set(name, found?.encoder ?? before);
        if (found) taken.push({ name, front: found.front });
      }
      return taken;
    },
    /** In the encoder that loses most, the layer that is best left in float32. @returns its name. */
    async leaveOne(): Promise<string> {
      const [name, worst] = [...encoders].toSorted(([, a], [, b]) => b.lost - a.lost)[0] as [string, Int8Encoder];
      const [first] = await worst.sensitivity();
      if (!first)
        throw new InputError(
          `No layer of ${name} is left in int8, and its accuracy still falls. Leave int8 out of --variants.`,
        );
      encoders.set(name, await worst.without([first.layer]));
      return first.layer;
    },
  };
}

/** With the widest tolerance; it is measured later. */
function contentOf(
  files: BundleFiles,
  {
    manifest,
    variant,
    models,
  }: { manifest: BundleManifest; variant: OtherVariant; models: Record<string, ModelProto> },
): VariantContent {
  const content: VariantContent = { files: {}, tolerance: {}, metrics: {} };
  for (const { name } of manifest.graphs) {
    const model = models[name] as ModelProto;
    const metadataProps = [...model.metadataProps, { key: 'variant', value: variant }];
    const graph = { ...model.graph, valueInfo: [] }; // shapes between are those of the fp32 file, and follow anyway
    const whole = { ...model, graph, metadataProps };
    const bytes = encodeModel(variant === 'int8' ? compact(whole) : whole);
    content.files[name] = addFile(files, `${name}.${variant}.onnx`, bytes);
  }
  const { encoder, head } = toleranceCaps[variant];
  for (const output of Object.keys(manifest.variants.fp32.tolerance)) {
    content.tolerance[output] = manifest.graphs.some(({ name }) => name === output) ? head : encoder;
  }
  return content;
}

async function knownHere(files: BundleFiles, manifest: BundleManifest, options: KnownOptions) {
  const bundle = await openFiles(files, manifest, 'fp32');
  try {
    return await measureKnown(bundle, options);
  } finally {
    await bundle.release();
  }
}

/** Heads that a variant's weights bring further from the trainer's numbers than they may be. */
async function headsTooFar(files: BundleFiles, manifest: BundleManifest, variant: OtherVariant): Promise<string[]> {
  const bundle = await openFiles(files, manifest, variant);
  try {
    const heads = manifest.graphs.filter(({ kind }) => !kind.endsWith('encoder')).map(({ name }) => name);
    const { failed } = await replayGolden(bundle, heads); // with the widest tolerance
    return failed;
  } finally {
    await bundle.release();
  }
}

/** What its heads give now: what they must give ever after. */
async function recordGolden(files: BundleFiles, manifest: BundleManifest, variant: OtherVariant): Promise<BundleFile> {
  const bundle = await openFiles(files, manifest, variant);
  try {
    const text = `${JSON.stringify(await recordVariant(bundle))}\n`;
    return addFile(files, `golden.${variant}.json`, new TextEncoder().encode(text));
  } finally {
    await bundle.release();
  }
}

/** Twice what it is here: other processors round otherwise. */
async function measuredTolerance(
  files: BundleFiles,
  manifest: BundleManifest,
  variant: OtherVariant,
): Promise<VariantContent['tolerance']> {
  const bundle = await openFiles(files, manifest, variant);
  try {
    const { differences, failed } = await replayGolden(bundle);
    if (failed.length > 0) {
      const off = failed.map((output) => `${output} (${differences[output]?.toPrecision(2)})`).join(', ');
      throw new InputError(
        `The ${variant} variant is further from the trainer's numbers than a bundle may be: ${off}. Calibrate on the data that the bundle ` +
          `learnt from, or leave ${variant} out of --variants.`,
      );
    }
    const { encoder, head } = toleranceCaps[variant];
    const { tolerance } = manifest.variants[variant] as VariantContent;
    return Object.fromEntries(
      Object.keys(tolerance).map((output) => {
        const cap = manifest.graphs.some(({ name }) => name === output) ? head : encoder;
        return [output, Number(Math.min(cap, 2 * (differences[output] ?? 0) + 1e-4).toPrecision(3))];
      }),
    );
  } finally {
    await bundle.release();
  }
}

/** Side by side, so that what else the machine does hits all. */
async function measureAll(files: BundleFiles, { graphs, variants }: BundleManifest, names: Variant[]): Promise<void> {
  for (const name of names) (variants[name] as VariantContent).latency = [];
  for (const graph of graphs) {
    const models = Object.fromEntries(
      names.map((name) => [name, fileOf(files, variants[name]?.files[graph.name]?.file ?? '')]),
    ) as Record<Variant, Uint8Array>;
    for (const batch of latencyBatches) {
      const measured = await measureLatency<Variant>(graph, models, batch);
      for (const name of names) variants[name]?.latency?.push(measured[name]);
    }
  }
}

function speedOf({ latency = [] }: VariantContent, fp32: VariantContent): VariantReport['speed'] {
  return latency.map(({ graph, batch, milliseconds }) => {
    const other = fp32.latency?.find((one) => one.graph === graph && one.batch === batch);
    return { graph, batch, ratio: (other?.milliseconds ?? Number.NaN) / milliseconds };
  });
}

function bytesOf({ files }: VariantContent): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}
