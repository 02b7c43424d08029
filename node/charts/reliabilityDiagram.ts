import { drawing, px, text } from './drawing.ts';

export interface ReliabilityOptions {
  title: string;
  /** Answers that say about the same: how many, how sure they are, how often they are right. */
  bins: { answers: number; score: number; share: number }[];
  calibrationError: number;
}

const [width, height] = [520, 520];
const plot = { left: 62, right: width - 30, top: 62, bottom: height - 60 };
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** How often scores are right, by how high they are: what is calibrated lies on the diagonal. A dot's area is the number of answers. */
export function reliabilityDiagram({ title, bins, calibrationError }: ReliabilityOptions): string {
  const x = (value: number) => px(plot.left + value * (plot.right - plot.left));
  const y = (value: number) => px(plot.bottom - value * (plot.bottom - plot.top));
  const most = Math.max(...bins.map(({ answers }) => answers));
  const dots = bins.map(({ answers, score, share }) => {
    const radius = px(3 + 13 * Math.sqrt(answers / most));
    const said = `${answers} answers of about ${score.toFixed(2)}, of which ${share.toFixed(2)} are right`;
    return `<circle cx="${x(score)}" cy="${y(share)}" r="${radius}" opacity=".75"><title>${said}</title></circle>`;
  });
  const error = `expected calibration error ${calibrationError.toFixed(3)}`;
  const content = `<g class="grid">${ticks.map((tick) => `<path d="M${plot.left} ${y(tick)}H${plot.right}M${x(tick)} ${plot.top}V${plot.bottom}"/>`).join('')}</g>
<g class="left ticks">${ticks.map((tick) => text(plot.left - 10, y(tick) + 4, String(tick))).join('')}</g>
<g class="ticks">${ticks.map((tick) => text(x(tick), plot.bottom + 20, String(tick))).join('')}
${text((plot.left + plot.right) / 2, height - 16, 'score; upwards: the share that is right')}</g>
<g class="mark"><path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}"/>${text(plot.left, 50, error)}</g>
<g class="line0">${dots.join('\n')}</g>`;
  return drawing({ title, description: `${title}: ${error}`, width, height, left: plot.left, content });
}
