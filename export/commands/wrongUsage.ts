import type { ExportFlags } from './exportFlags.ts';

/** Flags that say something only beside others: given elsewhere, they would be read and not heeded. */
const places: {
  flags: Partial<Record<keyof ExportFlags, string>>;
  beside: string;
  holds: (given: ExportFlags) => boolean;
}[] = [
  {
    flags: { nchw: '--nchw', custom: '--custom', allowDifference: '--allow-difference' },
    beside: "'--tfjs-model <address>' by the route of TypeScript",
    holds: ({ tfjsModel, route }) => tfjsModel !== undefined && route === 'typescript',
  },
  {
    flags: { compare: '--no-compare' },
    beside: "'--tfjs-model <address>'",
    holds: ({ tfjsModel }) => tfjsModel !== undefined,
  },
  {
    flags: { name: '--name', modelVersion: '--model-version', licence: '--licence' },
    beside: "'--checkpoint <path>'",
    holds: ({ checkpoint }) => checkpoint !== undefined,
  },
  {
    flags: { notes: '--notes', examples: '--examples', variants: '--variants' },
    beside: "'--checkpoint <path>' or '--bundle <folder>', without '--to'",
    holds: ({ checkpoint, bundle, to }) => (checkpoint !== undefined || bundle !== undefined) && !to,
  },
  {
    flags: { calibrate: '--calibrate', calibration: '--calibration', calibrationSamples: '--calibration-samples' },
    beside: "'--variants <list>'",
    holds: ({ variants }) => variants !== undefined,
  },
  {
    flags: { variant: '--variant', maxBatchSize: '--max-batch-size' },
    beside: "'--to triton'",
    holds: ({ to }) => to === 'triton',
  },
  {
    flags: { route: '--route' },
    beside: "'--checkpoint <path>' or '--tfjs-model <address>'",
    holds: ({ checkpoint, tfjsModel }) => checkpoint !== undefined || tfjsModel !== undefined,
  },
  {
    flags: { engine: '--engine' },
    beside: "'--route tf2onnx'",
    holds: ({ route }) => route === 'tf2onnx',
  },
  {
    flags: { baseImage: '--base-image', isolation: '--isolation', containerFlag: '--container-flag' },
    beside: "'--route tf2onnx' with '--engine docker', 'podman' or 'buildah'",
    holds: ({ route, engine }) => route === 'tf2onnx' && engine !== 'venv',
  },
];

/**
 * What is wrong with the flags of `export`, beyond what each says by itself.
 *
 * @param isGiven whether a flag was written, and not left at its default.
 */
export function wrongUsage(flags: ExportFlags, isGiven: (flag: keyof ExportFlags) => boolean): string | null {
  const { checkpoint, tfjsModel, bundle, out, to, variants, calibrate, examples, isolation, engine } = flags;
  if (to && (bundle === undefined || out === undefined))
    return `'--to ${to}' asks for '--bundle <folder>' and '--out <path>'`;
  if (checkpoint === undefined && tfjsModel === undefined && bundle === undefined)
    return "expected '--checkpoint <path>', '--tfjs-model <address>' or '--bundle <folder>'";
  if (out === undefined && bundle === undefined) return "required option '--out <path>' not specified";
  for (const { flags: names, beside, holds } of places) {
    const [, flag] = Object.entries(names).find(([name]) => isGiven(name as keyof ExportFlags)) ?? [];
    if (flag && !holds(flags)) return `'${flag}' goes with ${beside}`;
  }
  if (isolation && engine === 'docker') return "'--isolation' goes with '--engine podman' or 'buildah'";
  if (variants && calibrate === undefined) return "'--variants <list>' asks for '--calibrate <dataset>'";
  if (bundle !== undefined && !to && !variants && examples === undefined)
    return "'--bundle <folder>' asks for '--variants <list>' or '--examples <folder>'";
  return null;
}
