import type { CheckpointState } from '#core/checkpoint.ts';
import { learntClassifier, settingsOf } from './settings.ts';

/** @returns in two sentences what the bundle does and what it learnt from. */
export function describeBundle(state: CheckpointState): string {
  const { parts, dataset } = state;
  const source = dataset.description.replace(/\.?$/, '.');
  const matches = parts.includes('match') && 'whether a sound and an image belong together';
  const classifier = learntClassifier(state);
  if (classifier) {
    const [perceived, things] = classifier.input.startsWith('audio') ? ['heard', 'sounds'] : ['seen', 'images'];
    const says = [matches, `what is ${perceived}: one of ${classifier.labels.length} classes`].filter(Boolean);
    return `Says ${says.join(', and ')}. ${matches ? 'The classifier learnt' : 'Learnt'} from labelled ${things}: ${source}`;
  }
  const { task, branches } = settingsOf(state);
  if (task === 'correspondence') {
    const taught = branches.audio !== null || branches.image !== null;
    const how = taught
      ? 'Learnt from pairs, by branches that were taught categories before'
      : 'Learnt from pairs alone';
    return `Says ${matches}. ${how}: ${source}`;
  }
  return `Turns ${parts.includes('audio') ? 'sounds' : 'images'} into embeddings. Learnt from: ${source}`;
}
