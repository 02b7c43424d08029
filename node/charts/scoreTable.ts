import { drawing, escapeXml, px, text } from './drawing.ts';

export interface ScoreTableOptions {
  title: string;
  /** Below the table: whom to credit. */
  credits: string[];
  columns: { title: string; subject: string }[];
  /** JPEGs, squares. */
  rows: { jpeg: Uint8Array; subject: string }[];
  /** In [0, 1], `[rows][columns]`. */
  scores: number[][];
}

const cell = 104;
const left = 20;
const top = 118;
const lineHeight = 15;

/** Pictures down, sounds across, the score of each pair; framed where both are of one subject. */
export function scoreTable({ title, credits, columns, rows, scores }: ScoreTableOptions): string {
  const width = left + cell * (columns.length + 1) + 20;
  const bottom = top + cell * rows.length;
  const heads = columns.flatMap(({ title }, j) =>
    wrapped(title, 15).map((line, l, lines) =>
      text(left + cell * (j + 1.5), top - 12 - lineHeight * (lines.length - 1 - l), line, ' text-anchor="middle"'),
    ),
  );
  const pictures = rows.map(({ jpeg, subject }, i) => {
    const place = `x="${left}" y="${top + cell * i + 2}" width="${cell - 4}" height="${cell - 4}"`;
    const data = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
    return `<image ${place} href="${data}"><title>${escapeXml(subject)}</title></image>`;
  });
  const cells = scores.flatMap((row, i) =>
    row.map((score, j) => {
      const [x, y] = [left + cell * (j + 1), top + cell * i];
      const isOwn = rows[i]?.subject === columns[j]?.subject;
      const area = `x="${x + 2}" y="${y + 2}" width="${cell - 4}" height="${cell - 4}" rx="6"`;
      const words = text(x + cell / 2, y + cell / 2 + 7, score.toFixed(2), ' class="score"');
      const frame = isOwn ? `<rect class="own" ${area}/>` : '';
      return `<rect class="cell line0" ${area} opacity="${px(8 * score) / 10}"/>${words}${frame}`;
    }),
  );
  const small = credits.flatMap((credit) => wrapped(credit, Math.floor((width - 2 * left) / 5.2)));
  const own = scores.flatMap((row, i) => row.filter((_, j) => rows[i]?.subject === columns[j]?.subject));
  const others = scores.flatMap((row, i) => row.filter((_, j) => rows[i]?.subject !== columns[j]?.subject));
  const mean = (list: number[]) => (list.reduce((sum, score) => sum + score, 0) / (list.length || 1)).toFixed(2);
  return drawing({
    title,
    description: `${title}: ${mean(own)} in the mean where both are of one kind, ${mean(others)} where not`,
    width,
    height: bottom + 24 + 13 * small.length,
    left,
    content: `<style>.score { font-size: 20px; font-weight: 600; text-anchor: middle } .own { fill: none; stroke: currentColor; stroke-width: 2 } .credit { font-size: 9.5px; fill: var(--muted) }</style>
${heads.join('\n')}
${pictures.join('\n')}
${cells.join('\n')}
${small.map((line, l) => text(left, bottom + 20 + 13 * l, line, ' class="credit"')).join('\n')}`,
  });
}

/** In lines of so many letters, where words allow it. */
function wrapped(words: string, letters: number): string[] {
  const lines = [''];
  for (const word of words.split(' ')) {
    const line = lines.at(-1) as string;
    if (line.length === 0) lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= letters) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
