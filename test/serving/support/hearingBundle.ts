import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes a bundle that hears digits and does nothing else: the published one without what sees and matches. */
export async function writeHearingBundle(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of ['audio.onnx', 'classify-spoken-digit.onnx'])
    await cp(`models/digits/${file}`, join(folder, file));
  const golden = await readJson('models/digits/golden.json');
  delete golden.encoders.image;
  for (const head of ['match', 'classify-handwritten-digit']) delete golden.logits[head];
  const text = JSON.stringify(golden);
  await writeFile(join(folder, 'golden.json'), text);

  const manifest = await readJson('models/digits/manifest.json');
  const graphs = ['audio', 'classify-spoken-digit'];
  manifest.name = 'spoken';
  manifest.graphs = manifest.graphs.filter(({ name }: { name: string }) => graphs.includes(name));
  const { fp32 } = manifest.variants;
  fp32.files = Object.fromEntries(graphs.map((graph) => [graph, fp32.files[graph]]));
  manifest.variants = { fp32 };
  delete manifest.known.image;
  manifest.classifiers = manifest.classifiers.filter(({ input }: { input: string }) => input.startsWith('audio'));
  manifest.input = { audio: manifest.input.audio };
  const sha256 = createHash('sha256').update(text).digest('hex');
  manifest.golden = { file: 'golden.json', sha256, bytes: text.length };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

// biome-ignore lint/suspicious/noExplicitAny: files of the bundle, cut down at will
async function readJson(path: string): Promise<any> {
  return JSON.parse(await readFile(path, 'utf8'));
}
