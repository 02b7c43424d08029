import { h } from '../dom.ts';
import { formatPercent } from '../percent.ts';
import { text } from '../text.ts';

/** What was judged at one time of a video. */
export interface Point {
  seconds: number;
  /** Scores of its frame with its own sound, and with the other; null: there is no other. */
  own: number;
  other: number | null;
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
        const places = points.flatMap((point) => {
          const score = point[name];
          if (score === null) return [];
          return `${((width * point.seconds) / seconds).toFixed(1)},${(height * (1 - score)).toFixed(1)}`;
        });
        line.setAttribute('points', places.join(' '));
      }
      const [own, other] = [meanOf(points.map(({ own }) => own)), meanOf(points.map(({ other }) => other))];
      said.textContent = own ? text.video.means(own, other) : '';
      drawing.setAttribute('aria-label', `${text.video.curve} ${said.textContent}`);
    },
    at(now) {
      const x = String((width * now) / seconds);
      head.setAttribute('x1', x);
      head.setAttribute('x2', x);
    },
  };
}

/** In percent; null: of nothing. */
function meanOf(scores: (number | null)[]): string | null {
  const known = scores.filter((score) => score !== null);
  return known.length ? formatPercent(known.reduce((sum, score) => sum + score, 0) / known.length) : null;
}

function line(name: string): SVGPolylineElement {
  const line = document.createElementNS(svg, 'polyline');
  line.setAttribute('class', name);
  return line;
}
