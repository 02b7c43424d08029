import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { BundleFile, Variant, VariantContent } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { makeAtomically, removeUnfinished } from '#node/atomic.ts';
import { readBundleFile, readListed, readManifest } from '#node/bundle/readManifest.ts';
import { modelCard, notesOf } from '../card/modelCard.ts';
import { frontMatter } from './frontMatter.ts';

/** As Transformers.js names the files of a precision. */
const suffixes: Record<Variant, string> = { fp32: '', fp16: '_fp16', int8: '_int8' };

export interface HubOptions {
  bundle: string;
  /** The folder to push; an older one there is replaced. */
  out: string;
}

/**
 * Writes a folder that can be pushed to the Hugging Face Hub as a model repository.
 *
 * @returns its files.
 * @throws {InputError} for a folder that is not a bundle, a file of it that is not what the manifest says, or an `out` that holds anything but such a folder.
 */
export async function writeHub({ bundle, out }: HubOptions): Promise<string[]> {
  const folder = resolve(out);
  const manifest = await readManifest(bundle);
  await assertReplaceable(folder);
  const files = Object.entries(manifest.variants).flatMap(([variant, content]) =>
    onnxFiles(variant as Variant, content),
  );
  await mkdir(dirname(folder), { recursive: true });
  await removeUnfinished(dirname(folder), basename(folder));
  await makeAtomically(folder, async (unfinished) => {
    await mkdir(join(unfinished, 'onnx'), { recursive: true });
    for (const { from, to } of files) await writeFile(join(unfinished, to), await readListed(bundle, from));
    const notes = notesOf((await readBundleFile(bundle, 'MODEL_CARD.md')).toString());
    const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
    await writeFile(join(unfinished, 'README.md'), `${frontMatter(manifest)}\n${modelCard(manifest, notes, 'hub')}\n`);
    await writeFile(join(unfinished, 'config.json'), json(config(manifest)));
    await writeFile(join(unfinished, 'preprocessor_config.json'), json(preprocessorConfig(manifest)));
    await writeFile(join(unfinished, '.gitattributes'), '*.onnx filter=lfs diff=lfs merge=lfs -text\n');
    await writeFile(join(unfinished, manifest.golden.file), await readListed(bundle, manifest.golden));
    await rm(folder, { recursive: true, force: true });
  });
  return [
    'README.md',
    'config.json',
    'preprocessor_config.json',
    '.gitattributes',
    manifest.golden.file,
    ...files.map(({ to }) => to),
  ];
}

function onnxFiles(variant: Variant, content: VariantContent | undefined): { from: BundleFile; to: string }[] {
  return Object.entries(content?.files ?? {}).map(([graph, from]) => ({
    from,
    to: onnxFile(graph, variant),
  }));
}

function onnxFile(graph: string, variant: Variant): string {
  return `onnx/${graph}${suffixes[variant]}.onnx`;
}

/** What the manifest says of the graphs, with the files of this folder. */
function config(manifest: BundleManifest): object {
  const { name, version, description, licence, graphs, classifiers, matching, variants, training } = manifest;
  const precisions = Object.entries(variants).map(([variant, content]) => {
    const files = Object.fromEntries(graphs.map((graph) => [graph.name, onnxFile(graph.name, variant as Variant)]));
    return [variant, { files, metrics: content?.metrics, latency: content?.latency }];
  });
  const idToLabel = (labels: string[]) => Object.fromEntries(labels.entries());
  return {
    model_type: 'clapper',
    architectures: ['L3Net'],
    name,
    version,
    description,
    licence,
    graphs,
    classifiers: classifiers.map(({ labels, ...classifier }) => ({ ...classifier, id2label: idToLabel(labels) })),
    matching,
    variants: Object.fromEntries(precisions),
    training,
  };
}

/** What the manifest says of inputs, in the words of Transformers' feature extractors and image processors, and in its own. */
function preprocessorConfig({ input: { audio, image } }: BundleManifest): object {
  return {
    ...(audio && {
      sampling_rate: audio.sampleRate,
      n_samples: audio.samples,
      feature_size: 1,
      do_normalize: false,
      audio,
    }),
    ...(image && {
      do_resize: true,
      size: { shortest_edge: image.shortSide },
      do_center_crop: true,
      crop_size: { height: image.height, width: image.width },
      do_rescale: false,
      do_normalize: false,
      do_convert_rgb: true,
      image,
    }),
  };
}

async function assertReplaceable(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw new InputError(`Expected a folder at ${folder} but it is a file. Choose another --out.`);
  });
  const ours = ['README.md', 'config.json', 'preprocessor_config.json', 'onnx'];
  const isOurs = ours.every((name) => entries.includes(name)) && !entries.includes('.git');
  if (entries.length === 0 || isOurs) return;
  throw new InputError(
    `Expected nothing, or a folder that this command made, at ${folder} but it holds ${entries.slice(0, 5).join(', ')}, which would be lost. ` +
      'Choose another --out or move it away.',
  );
}
