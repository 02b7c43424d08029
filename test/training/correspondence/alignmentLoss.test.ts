import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { alignmentLoss } from '../../../training/correspondence/alignmentLoss.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const categories = [0, 1, 0, 2, 1]; // of the rows; two of one belong together
const scale = 7;
const rows = categories.length;
const random = new Random(3);
const embeddings = (): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: 4 }, () => random.normal()));
const [audio, image] = [embeddings(), embeddings()];

const belongTogether = (i: number, j: number) => categories[i] === categories[j];
/** Of the others, one may be no counter-example. */
const mayMismatch = (i: number, j: number) => !belongTogether(i, j) && !(Math.min(i, j) === 1 && Math.max(i, j) === 3);

function cosine(a: number[], b: number[]): number {
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Khosla et al. 2020, equation 2, of one anchor. */
function supervisedContrast(anchor: number[], others: { embedding: number[]; row: number }[], row: number): number {
  const compared = others.filter((other) => belongTogether(row, other.row) || mayMismatch(row, other.row));
  const weight = (other: { embedding: number[] }) => Math.exp(scale * cosine(anchor, other.embedding));
  const all = compared.reduce((sum, other) => sum + weight(other), 0);
  const positives = compared.filter((other) => belongTogether(row, other.row));
  return -positives.reduce((sum, other) => sum + Math.log(weight(other) / all), 0) / positives.length;
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const side = (all: number[][]) => all.map((embedding, row) => ({ embedding, row }));

async function measured(withinSides: boolean): Promise<number> {
  const loss = tf.tidy(() =>
    alignmentLoss(tf.tensor2d(audio), tf.tensor2d(image), { belongTogether, mayMismatch, scale, withinSides }),
  );
  return (await loss.data())[0] as number;
}

test('across the sides: supervised contrast of every sound with the pictures, and of every picture with the sounds', async () => {
  const sounds = audio.map((anchor, row) => supervisedContrast(anchor, side(image), row));
  const pictures = image.map((anchor, row) => supervisedContrast(anchor, side(audio), row));
  expect(await measured(false)).toBeCloseTo(mean([...sounds, ...pictures]), 4);
});

test('within the sides too: of every sound and picture with all others, but not with itself', async () => {
  const all = [...side(audio), ...side(image)];
  const each = all.map((own) =>
    supervisedContrast(
      own.embedding,
      all.filter((other) => other !== own),
      own.row,
    ),
  );
  expect(await measured(true)).toBeCloseTo(mean(each), 4);
});
