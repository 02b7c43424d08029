import { h } from '../dom.ts';
import { formatPercent } from '../percent.ts';
import { text } from '../text.ts';

/** What was judged at one time of a video. */
export interface Point {
  seconds: number;
  /** Scores of its frame with its own sound, and with the other. */
  own: number;
  other: number;
}

const svg = 'http://www.w3.org/2000/svg';
const [width, height] = [600, 120];

export interface Curve {
  element: HTMLElement;
  show(points: Point[]): void;
  /** Where the video is. */
  at(seconds: number): void;
}

/** Scores over a video's time, from 0 at the bottom to 1 at the top. @param onSeek is told a time that was pressed. */
export function createCurve(seconds: number, onSeek: (seconds: number) => void): Curve {
  const drawing = document.createElementNS(svg, 'svg');
  drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
  drawing.setAttribute('preserveAspectRatio', 'none');
  drawing.setAttribute('role', 'img');
  const lines = { other: line('other'), own: line('own') };
  const head = document.createElementNS(svg, 'line');
  head.setAttribute('class', 'head');
  head.setAttribute('y2', String(height));
  drawing.append(...Object.values(lines), head);
  drawing.onclick = ({ offsetX }) => onSeek((seconds * offsetX) / drawing.clientWidth);
  const said = h('p', { id: 'video-means', class: 'quiet' });
  return {
    element: h('div', { class: 'curve', id: 'video-curve' }, drawing as unknown as HTMLElement, said),
    show(points) {
      for (const [name, line] of Object.entries(lines) as ['own' | 'other', SVGPolylineElement][]) {
        const places = points.map((point) => {
          const [x, y] = [(width * point.seconds) / seconds, height * (1 - point[name])];
          return `${x.toFixed(1)},${y.toFixed(1)}`;
        });
        line.setAttribute('points', places.join(' '));
      }
      const mean = (name: 'own' | 'other') => points.reduce((sum, point) => sum + point[name], 0) / points.length;
      said.textContent = text.video.means(formatPercent(mean('own')), formatPercent(mean('other')));
      drawing.setAttribute('aria-label', `${text.video.curve} ${said.textContent}`);
    },
    at(now) {
      const x = String((width * now) / seconds);
      head.setAttribute('x1', x);
      head.setAttribute('x2', x);
    },
  };
}

function line(name: string): SVGPolylineElement {
  const line = document.createElementNS(svg, 'polyline');
  line.setAttribute('class', name);
  return line;
}
