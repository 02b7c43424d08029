import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answer, calibrationError, reliabilityBins } from '#core/metrics.ts';
import type { Retrieval } from '#core/retrieval.ts';
import { writeAtomically } from '#node/atomic.ts';
import { confusionMatrix } from '#node/charts/confusionMatrix.ts';
import { pairedBars } from '#node/charts/pairedBars.ts';
import { reliabilityDiagram } from '#node/charts/reliabilityDiagram.ts';
import type { AgainstCategory } from './against.ts';
import type { Classified } from './judge.ts';
import type { Judged } from './judged.ts';

/** Draws what an evaluation found. @returns the files, whose names begin with what they show. */
export async function drawEvaluation(
  { pairs, retrieval, classified, against }: Judged,
  folder: string,
): Promise<string[]> {
  const drawn = new Map<string, string>();
  if (pairs) {
    const answers = pairs.map(({ score, corresponds }) => ({ score, isRight: corresponds }));
    drawn.set('reliability-match', reliability('Do they belong together?', answers));
  }
  for (const [name, one] of Object.entries(classified)) {
    drawn.set(`reliability-${name}`, reliability(`Which ${name}?`, answersOf(one)));
    drawn.set(`confusions-${name}`, confusions(name, one));
  }
  if (retrieval.picture && retrieval.sound) drawn.set('retrieval', bothWays(retrieval.picture, retrieval.sound));
  if (against) drawn.set(`against-${against.category}`, besideOther(against));
  await mkdir(folder, { recursive: true });
  const files = [...drawn].map(([name, svg]) => [join(folder, `${name}.svg`), svg] as const);
  for (const [file, svg] of files) await writeAtomically(file, svg);
  return files.map(([file]) => file);
}

function reliability(title: string, answers: Answer[]): string {
  return reliabilityDiagram({ title, bins: reliabilityBins(answers), calibrationError: calibrationError(answers) });
}

/** How sure a classifier is of the class that it chooses. */
function answersOf({ probabilities, items }: Classified): Answer[] {
  return probabilities.map((row, i) => {
    const score = Math.max(...row);
    return { score, isRight: row.indexOf(score) === items[i]?.category };
  });
}

/** Classes that no item is of are left out, but where one was taken for them. */
function confusions(name: string, { probabilities, items, labels }: Classified): string {
  const counts = labels.map(() => labels.map(() => 0));
  for (const [i, row] of probabilities.entries()) {
    const counted = counts[items[i]?.category as number] as number[];
    const chosen = row.indexOf(Math.max(...row));
    counted[chosen] = (counted[chosen] as number) + 1;
  }
  const occurring = [...labels.keys()].filter((k) => counts.some((row, i) => row[k] || (i === k && row.some(Boolean))));
  return confusionMatrix({
    title: `${name}: what is taken for what`,
    labels: occurring.map((k) => labels[k] as string),
    counts: occurring.map((i) => occurring.map((j) => counts[i]?.[j] as number)),
  });
}

function bothWays(picture: Retrieval, sound: Retrieval): string {
  const others = new Map(sound.byCategory.map(({ category, top1 }) => [category, top1]));
  return pairedBars({
    title: 'One of ten: how often the right one scores highest',
    names: [`a picture to a sound (${picture.top1.toFixed(2)})`, `a sound to a picture (${sound.top1.toFixed(2)})`],
    rows: picture.byCategory.map(({ category, top1 }) => ({
      label: category,
      values: [top1, others.get(category) ?? null],
    })),
    mark: { value: 0.1, text: 'chance' },
  });
}

function besideOther({ category: other, categories, better, of }: AgainstCategory): string {
  return pairedBars({
    title: `Photos with their own sounds, and with ${other}: ${better} of ${of} score higher with their own`,
    names: ['own sounds, mean score', `${other}, mean score`],
    rows: categories.map(({ category, own, other }) => ({ label: category, values: [own, other] })),
    mark: null,
  });
}
