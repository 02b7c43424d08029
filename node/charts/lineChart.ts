import { drawing, escapeXml, px, text } from './drawing.ts';
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
  const content = `${legend(lines)}
<g class="grid">${up.ticks.map((tick) => `<path d="M${plot.left} ${y(tick)}H${plot.right}"/>`).join('')}</g>
<g class="left ticks">${up.ticks.map((tick) => text(plot.left - 10, y(tick) + 4, String(tick))).join('')}</g>
<g class="ticks">${across.ticks.map((tick) => text(x(tick), plot.bottom + 20, tick.toLocaleString('en-US'))).join('')}
${text((plot.left + plot.right) / 2, height - 10, 'step')}</g>
<path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}"/>
${mark ? marked(mark, place.x(mark.step)) : ''}
${lines.map((line, i) => `<g class="line${i}">${drawn(line, place)}</g>`).join('\n')}`;
  return drawing({ title, description: describe(title, lines), width, height, left: plot.left, content });
}

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

function describe(title: string, lines: Line[]): string {
  const ends = lines.map(({ name, points }) => {
    const [step, value] = points.at(-1) as Point;
    return `${name} ${Number(value.toPrecision(3))} at step ${step}`;
  });
  return `${title}: ${ends.join(', ')}`;
}

// Not Math.max(...values): a long run has more values than a call may have arguments.
function max(values: number[]): number {
  return values.reduce((greatest, value) => Math.max(greatest, value));
}

function min(values: number[]): number {
  return values.reduce((least, value) => Math.min(least, value));
}
