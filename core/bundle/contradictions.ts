import { type Classifier, classifierGraphName, findGraph, type Graph, type VariantContent } from './graphs.ts';
import type { Known } from './known.ts';

/** What of a manifest must agree. */
export interface Declared {
  input: { audio?: { samples: number } | undefined; image?: { width: number; height: number } | undefined };
  graphs: Graph[];
  classifiers: Classifier[];
  variants: Record<string, VariantContent | undefined>;
  known?: { audio?: Known | undefined; image?: Known | undefined } | undefined;
}

/** @returns what a manifest says in one place and denies in another, in sentences. */
export function contradictions(manifest: Declared): string[] {
  return [...namesTwice(manifest), ...wrongShapes(manifest), ...wrongFiles(manifest), ...wrongKnown(manifest)];
}

function namesTwice({ graphs, classifiers }: Declared): string[] {
  // On many systems "Dog" and "dog" are one file.
  const twice = (names: string[]) =>
    names.filter((name, i) => names.map((n) => n.toLowerCase()).indexOf(name.toLowerCase()) < i);
  const labels = classifiers.flatMap(({ name, labels }) => {
    const repeated = labels.filter((label, i) => labels.indexOf(label) < i);
    return repeated.length > 0 ? [`the classifier "${name}" has labels twice: ${repeated.join(', ')}`] : [];
  });
  const repeated = twice(graphs.map(({ name }) => name));
  return [...(repeated.length > 0 ? [`graphs of one name: ${repeated.join(', ')}`] : []), ...labels];
}

/** What the graphs must take and give, by their contract. */
function wrongShapes({ input, graphs, classifiers }: Declared): string[] {
  const wrong: string[] = [];
  const expect = (graph: Graph | undefined, side: 'inputs' | 'outputs', name: string, expected: string) => {
    const tensor = graph?.[side].find((one) => one.name === name);
    const actual = tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'missing';
    if (graph && actual !== expected)
      wrong.push(`${graph.name}: expected "${name}" as ${expected} but it is ${actual}`);
  };
  /** Numbers in a row of an encoder's output; undefined: there is no such output. */
  const sizeOf = (encoder: string, output: string) => {
    const size = findGraph({ graphs }, encoder)?.outputs.find(({ name }) => name === output)?.shape[1];
    if (size === undefined) wrong.push(`expected a graph "${encoder}" that gives "${output}": another graph reads it`);
    return size;
  };
  const [audio, image, match] = ['audio', 'image', 'match'].map((name) => findGraph({ graphs }, name));
  if (Boolean(audio) !== Boolean(input.audio) || Boolean(image) !== Boolean(input.image)) {
    wrong.push('expected an input for each encoder among the graphs, and none for others');
  }
  if (input.audio) expect(audio, 'inputs', 'waveform', `float32 [batch, ${input.audio.samples}]`);
  if (input.image) expect(image, 'inputs', 'image', `uint8 [batch, ${input.image.height}, ${input.image.width}, 3]`);
  if (match) {
    expect(match, 'inputs', 'audio_embedding', `float32 [batch, ${sizeOf('audio', 'audio_embedding')}]`);
    expect(match, 'inputs', 'image_embedding', `float32 [batch, ${sizeOf('image', 'image_embedding')}]`);
    expect(match, 'outputs', 'logits', 'float32 [batch, 2]');
    expect(match, 'outputs', 'probability', 'float32 [batch]');
  }
  for (const { name, input, labels } of classifiers) {
    const graph = findGraph({ graphs }, classifierGraphName(name));
    if (!graph) wrong.push(`expected a graph "${classifierGraphName(name)}" for the classifier "${name}"`);
    expect(graph, 'inputs', input, `float32 [batch, ${sizeOf(input.startsWith('audio') ? 'audio' : 'image', input)}]`);
    for (const output of ['logits', 'probabilities'])
      expect(graph, 'outputs', output, `float32 [batch, ${labels.length}]`);
  }
  const kinds: Record<string, Graph['kind']> = { audio: 'audio-encoder', image: 'image-encoder', match: 'match-head' };
  for (const { name, kind } of graphs) {
    const isClassifier = classifiers.some((classifier) => classifierGraphName(classifier.name) === name);
    const expected = isClassifier ? 'classifier' : kinds[name];
    if (kind !== expected)
      wrong.push(`the graph "${name}" is called a ${kind}; by its name it is ${expected ?? 'none that is known'}`);
  }
  return wrong;
}

function wrongKnown({ graphs, known = {} }: Declared): string[] {
  return (['audio', 'image'] as const).flatMap((sense) => {
    const own = known[sense];
    const size = findGraph({ graphs }, sense)?.outputs.find(({ name }) => name === `${sense}_embedding`)?.shape[1];
    if (!own || own.mean.length === size) return [];
    return [
      `known.${sense}: expected ${size ?? 'no'} numbers, as many as an embedding has, but there are ${own.mean.length}`,
    ];
  });
}

function wrongFiles({ graphs, variants }: Declared): string[] {
  const names = graphs.map(({ name }) => name).sort();
  const sha256 = new Map<string, string>();
  return Object.entries(variants).flatMap(([variant, content]) => {
    if (!content) return [];
    const listed = Object.keys(content.files).sort();
    const wrong = Object.values(content.files)
      .filter((file) => (sha256.get(file.file) ?? file.sha256) !== file.sha256)
      .map(({ file }) => `${file} is listed with two contents`);
    for (const file of Object.values(content.files)) sha256.set(file.file, file.sha256);
    if (listed.join() === names.join()) return wrong;
    return [...wrong, `expected files of ${variant} for ${names.join(', ')} but it lists ${listed.join(', ')}`];
  });
}
