import { drawing, escapeXml, px, text } from './drawing.ts';

export interface PairedBarsOptions {
  title: string;
  /** What the two bars of each row are; the second may be missing. */
  names: [first: string, second: string];
  /** Values in [0, 1]. */
  rows: { label: string; values: [first: number, second: number | null] }[];
  /** A value to point at, and what is said of it; null: none. */
  mark: { value: number; text: string } | null;
}

const width = 640;
const plot = { left: 150, right: width - 60, top: 78 };
const row = 24;
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Two shares of each row, one above the other. */
export function pairedBars({ title, names, rows, mark }: PairedBarsOptions): string {
  const bottom = plot.top + row * rows.length;
  const x = (value: number) => px(plot.left + value * (plot.right - plot.left));
  const bar = (value: number | null, i: number, side: 0 | 1) => {
    if (value === null) return '';
    const y = plot.top + row * i + 3 + 9 * side;
    const place = `x="${plot.left}" y="${y}" width="${px(x(value) - plot.left)}" height="8"`;
    return `<rect class="cell" ${place}><title>${escapeXml(`${rows[i]?.label}, ${names[side]}: ${value.toFixed(3)}`)}</title></rect>`;
  };
  const legend = names.map((name, side) => {
    const left = plot.left + 220 * side;
    return `<g class="line${side}"><rect class="cell" x="${left}" y="46" width="14" height="8"/></g>${text(left + 20, 54, name)}`;
  });
  const marked = mark
    ? `<g class="mark"><path d="M${x(mark.value)} ${plot.top - 6}V${bottom}"/>${text(x(mark.value) + 4, plot.top - 8, mark.text)}</g>`
    : '';
  const means = ([0, 1] as const).map((side) => {
    const values = rows.flatMap(({ values }) => values[side] ?? []);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return `${names[side]} ${mean.toFixed(3)} in the mean`;
  });
  return drawing({
    title,
    description: `${title}: ${means.join(', ')}`,
    width,
    height: bottom + 40,
    left: 16,
    content: `${legend.join('\n')}
<g class="grid">${ticks.map((tick) => `<path d="M${x(tick)} ${plot.top}V${bottom}"/>`).join('')}</g>
<g class="ticks">${ticks.map((tick) => text(x(tick), bottom + 20, String(tick))).join('')}</g>
<g class="end small">${rows.map(({ label }, i) => text(plot.left - 8, plot.top + row * (i + 0.5) + 4, label)).join('')}</g>
${([0, 1] as const).map((side) => `<g class="line${side}">${rows.map(({ values }, i) => bar(values[side], i, side)).join('')}</g>`).join('\n')}
${marked}`,
  });
}
