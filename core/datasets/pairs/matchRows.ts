import type { Random } from '../../random.ts';

/** Which rows of an encoded batch are matched. Three lists of one length. */
export interface BatchPairs {
  audioRows: Int32Array;
  imageRows: Int32Array;
  /** 1: they belong together; 0: they do not. */
  corresponds: Int32Array;
}

export interface MatchOptions {
  /** Rows that follow each other and show one clip. */
  rowsPerClip: number;
  /** Mismatched pairs that each row's sound, and each row's picture, is in. */
  matchesPerClip: number;
  /** Share of the mismatched pairs that are of one clip, at different times. */
  hardShare: number;
  /** Whether one row's sound and another row's picture may be shown as not belonging together. */
  mayMismatch: (soundRow: number, pictureRow: number) => boolean;
  /** The same for two rows of one clip: whether their windows lie apart. */
  areApart: (row: number, otherRow: number) => boolean;
}

/**
 * Matching pairs are the rows; mismatched pairs are the same sounds and pictures, shuffled: each sound and each picture occurs
 * equally often on both sides, so neither alone, nor its time, tells which pairs match.
 *
 * A pair that must not be mismatched is exchanged with another of the shuffle. Only where more than half of the batch belongs
 * together is none found; then the pair is left out.
 */
export function matchRows(rowCount: number, options: MatchOptions, random: Random): BatchPairs {
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const pairs = rows.map((row) => [row, row] as [number, number]);
  for (let i = 0; i < options.matchesPerClip; i++) {
    const [hard, others] = splitRows(rows, options, random);
    pairs.push(...hard, ...mismatch(others, options.mayMismatch, random));
  }
  return {
    audioRows: Int32Array.from(pairs, ([sound]) => sound),
    imageRows: Int32Array.from(pairs, ([, picture]) => picture),
    corresponds: Int32Array.from(pairs, (_, i) => (i < rowCount ? 1 : 0)),
  };
}

/** Takes the hard share of the clips, and matches each of them with itself at another time. */
function splitRows(
  rows: number[],
  { rowsPerClip, hardShare, areApart }: MatchOptions,
  random: Random,
): [hard: [number, number][], others: number[]] {
  if (hardShare === 0) return [[], rows];
  const clips = rows.filter((row) => row % rowsPerClip === 0);
  const next = (row: number) => row - (row % rowsPerClip) + ((row + 1) % rowsPerClip);
  const rowsOf = (clip: number) => rows.slice(clip, clip + rowsPerClip);
  const eligible = clips.filter((clip) => rowsOf(clip).every((row) => areApart(row, next(row))));
  const chosen = new Set(random.shuffle(eligible).slice(0, Math.round(hardShare * clips.length)));
  const isHard = (row: number) => chosen.has(row - (row % rowsPerClip));
  return [rows.filter(isHard).map((row) => [row, next(row)]), rows.filter((row) => !isHard(row))];
}

function mismatch(rows: number[], mayMismatch: MatchOptions['mayMismatch'], random: Random): [number, number][] {
  const pictures = random.shuffle([...rows]);
  const order = random.shuffle(rows.map((_, i) => i)); // where exchanges are looked for: none is preferred
  for (const [i, sound] of rows.entries()) {
    if (mayMismatch(sound, pictures[i] as number)) continue;
    const j = order.find(
      (j) => mayMismatch(sound, pictures[j] as number) && mayMismatch(rows[j] as number, pictures[i] as number),
    );
    if (j !== undefined) [pictures[i], pictures[j]] = [pictures[j] as number, pictures[i] as number];
  }
  return rows.flatMap((sound, i): [number, number][] => {
    const picture = pictures[i] as number;
    return mayMismatch(sound, picture) ? [[sound, picture]] : [];
  });
}
