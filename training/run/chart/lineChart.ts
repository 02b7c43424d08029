import { exactScale, linearScale, logScale, type Scale } from './scale.ts';

export type Point = [step: number, value: number];

/** The order of the lines is that of their colours. */
export interface Line {
  name: string;
  /** By rising step; one at least. */
  points: Point[];
}

export interface ChartOptions {
  title: string;
  lines: Line[];
  /** A step to point at, and what is said of it; null: none. */
  mark: { step: number; text: string } | null;
  /** The end of the vertical axis, where values have one: 1 for a share. */
  top: number | null;
}

const width = 760;
const height = 430;
const plot = { left: 62, right: width - 36, top: 62, bottom: height - 50 };

/** A picture of lines over steps, as the text of an SVG file that needs nothing else; it follows the viewer's light or dark theme. */
export function lineChart({ title, lines, mark, top }: ChartOptions): string {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const steps = lines.flatMap(({ points }) => points.map(([step]) => step));
  const across = exactScale(0, max(steps));
  const up = verticalScale(min(values), max(values), top);
  const x = (step: number) => px(plot.left + across.position(step) * (plot.right - plot.left));
  const y = (value: number) => px(plot.bottom - up.position(value) * (plot.bottom - plot.top));
  const place = { x, y };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(describe(title, lines))}">
<style>${style}</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="title" x="${plot.left}" y="30">${escapeXml(title)}</text>
${legend(lines)}
<g class="grid">${up.ticks.map((tick) => `<path d="M${plot.left} ${y(tick)}H${plot.right}"/>`).join('')}</g>
<g class="left ticks">${up.ticks.map((tick) => text(plot.left - 10, y(tick) + 4, String(tick))).join('')}</g>
<g class="ticks">${across.ticks.map((tick) => text(x(tick), plot.bottom + 20, tick.toLocaleString('en-US'))).join('')}
${text((plot.left + plot.right) / 2, height - 10, 'step')}</g>
<path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}"/>
${mark ? marked(mark, place.x(mark.step)) : ''}
${lines.map((line, i) => `<g class="line${i}">${drawn(line, place)}</g>`).join('\n')}
</svg>
`;
}

const style = `
  svg { font: 13px system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; color: #1f2328; --muted: #59636e; --grid: #e4e7eb; --paper: #fff; --line0: #1f6fd6; --line1: #d4510b }
  @media (prefers-color-scheme: dark) { svg { color: #e8edf2; --muted: #9aa5b1; --grid: #2b323a; --paper: #11161c; --line0: #6cb0ff; --line1: #ff9a52 } }
  text { fill: currentColor }
  .paper { fill: var(--paper) }
  .title { font-size: 17px; font-weight: 600 }
  .ticks text, .mark text { fill: var(--muted) }
  .ticks text { text-anchor: middle }
  .left text { text-anchor: end }
  .end text { text-anchor: end }
  .grid path { stroke: var(--grid) }
  .axis, .mark path { stroke: var(--muted) }
  .mark path { stroke-dasharray: 4 4 }
  polyline { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
  .noisy { stroke-width: 1; opacity: .22 }
  circle { fill: currentColor }
  .line0 { color: var(--line0) }
  .line1 { color: var(--line1) }
`;

function verticalScale(least: number, greatest: number, top: number | null): Scale {
  if (top !== null) return linearScale(Math.min(least, 0.9 * top), top);
  return least > 0 && greatest / least > 30 ? logScale(least, greatest) : linearScale(Math.min(0, least), greatest);
}

interface Place {
  x(step: number): number;
  y(value: number): number;
}

/** Many points are drawn twice: as they are, faintly, and their moving mean. A few are shown as dots too. */
function drawn({ points }: Line, { x, y }: Place): string {
  const path = (line: Point[]) => line.map(([step, value]) => `${x(step)},${y(value)}`).join(' ');
  if (points.length > 60) {
    return `<polyline class="noisy" points="${path(points)}"/><polyline points="${path(movingMean(points))}"/>`;
  }
  const dots = points.map(([step, value]) => `<circle cx="${x(step)}" cy="${y(value)}" r="3"/>`);
  return `<polyline points="${path(points)}"/>${dots.join('')}`;
}

/** Over a thirtieth of the points, as many before as after each as there are. */
function movingMean(points: Point[]): Point[] {
  const reach = Math.ceil(points.length / 60);
  return points.map(([step], i) => {
    const around = points.slice(Math.max(0, i - reach), i + reach + 1);
    return [step, around.reduce((sum, [, value]) => sum + value, 0) / around.length];
  });
}

function legend(lines: Line[]): string {
  const column = 110;
  const left = plot.right - column * lines.length;
  const entry = ({ name }: Line, i: number) => {
    const x = left + i * column;
    return `<g class="line${i}"><polyline points="${x},26 ${x + 22},26"/></g><text x="${x + 30}" y="30">${escapeXml(name)}</text>`;
  };
  return lines.map(entry).join('\n');
}

/** Its text stands above the plot, on the side of the line where there is room. */
function marked({ text: words }: { text: string }, x: number): string {
  const side = x > (plot.left + plot.right) / 2 ? 'mark end' : 'mark';
  return `<g class="${side}"><path d="M${x} ${plot.top - 6}V${plot.bottom}"/>${text(x, plot.top - 12, words)}</g>`;
}

function text(x: number, y: number, words: string): string {
  return `<text x="${px(x)}" y="${px(y)}">${escapeXml(words)}</text>`;
}

function describe(title: string, lines: Line[]): string {
  const ends = lines.map(({ name, points }) => {
    const [step, value] = points.at(-1) as Point;
    return `${name} ${Number(value.toPrecision(3))} at step ${step}`;
  });
  return `${title}: ${ends.join(', ')}`;
}

function px(value: number): number {
  return Math.round(value * 10) / 10;
}

// Not Math.max(...values): a long run has more values than a call may have arguments.
function max(values: number[]): number {
  return values.reduce((greatest, value) => Math.max(greatest, value));
}

function min(values: number[]): number {
  return values.reduce((least, value) => Math.min(least, value));
}

function escapeXml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
