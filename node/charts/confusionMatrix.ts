import { drawing, escapeXml, px, text } from './drawing.ts';

export interface ConfusionOptions {
  title: string;
  labels: string[];
  /** How many of each class (row) were taken for each (column). */
  counts: number[][];
}

const cell = 16;
const side = 132; // of the names

/** What is taken for what: rows are what things are, columns what they were called; darker is a larger share of the row. */
export function confusionMatrix({ title, labels, counts }: ConfusionOptions): string {
  const [left, top] = [side, side + 40];
  const size = cell * labels.length;
  const cells = counts.flatMap((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, j) => {
      if (count === 0) return [];
      const said = `<title>${escapeXml(`${count} of ${total} ${labels[i]}: ${labels[j]}`)}</title>`;
      const place = `x="${left + j * cell}" y="${top + i * cell}" width="${cell}" height="${cell}"`;
      return `<rect class="cell ${i === j ? 'line0' : 'line1'}" ${place} opacity="${(count / total).toFixed(2)}">${said}</rect>`;
    });
  });
  const rows = labels.map((label, i) => text(left - 6, top + (i + 0.5) * cell + 4, label));
  const columns = labels.map((label, j) => {
    const x = px(left + (j + 0.5) * cell + 4);
    return text(x, top - 6, label, ` transform="rotate(-90 ${x} ${top - 6})"`);
  });
  const lines = labels.map(
    (_, i) => `<path d="M${left} ${top + i * cell}h${size}M${left + i * cell} ${top}v${size}"/>`,
  );
  const right = counts.reduce((sum, row, i) => sum + (row[i] as number), 0);
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  return drawing({
    title,
    description: `${title}: ${right} of ${all} right`,
    width: left + size + 20,
    height: top + size + 20,
    left: 16,
    content: `<g class="grid">${lines.join('')}</g>
<g class="end small">${rows.join('')}</g>
<g class="small">${columns.join('')}</g>
${cells.join('\n')}`,
  });
}
