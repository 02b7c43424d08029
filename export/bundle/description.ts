import type { CheckpointState } from '#core/checkpoint.ts';

/** @returns in two sentences what the bundle does and what it learnt from. */
export function describeBundle({ parts, classifiers, dataset }: CheckpointState): string {
  const source = dataset.description.replace(/\.?$/, '.');
  if (parts.includes('match')) {
    return `Says whether a sound and an image belong together. Learnt from pairs alone: ${source}`;
  }
  const things = parts.includes('audio') ? 'sounds' : 'images';
  const [classifier] = classifiers;
  if (!classifier) return `Turns ${things} into embeddings. Learnt from: ${source}`;
  const perceived = parts.includes('audio') ? 'heard' : 'seen';
  return `Says what is ${perceived}: one of ${classifier.labels.length} classes. Learnt from labelled ${things}: ${source}`;
}
