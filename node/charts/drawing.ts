export interface DrawingOptions {
  title: string;
  /** What it shows, for those who do not see it. */
  description: string;
  width: number;
  height: number;
  /** Where the title begins. */
  left: number;
  /** SVG elements. */
  content: string;
}

/** The text of an SVG file that needs nothing else; it follows the viewer's light or dark theme. */
export function drawing({ title, description, width, height, left, content }: DrawingOptions): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(description)}">
<style>${style}</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="title" x="${left}" y="30">${escapeXml(title)}</text>
${content}
</svg>
`;
}

const style = `
  svg { font: 13px system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; color: #1f2328; --muted: #59636e; --grid: #e4e7eb; --paper: #fff; --line0: #1f6fd6; --line1: #d4510b }
  @media (prefers-color-scheme: dark) { svg { color: #e8edf2; --muted: #9aa5b1; --grid: #2b323a; --paper: #11161c; --line0: #6cb0ff; --line1: #ff9a52 } }
  text { fill: currentColor }
  .paper { fill: var(--paper) }
  .title { font-size: 17px; font-weight: 600 }
  .ticks text, .mark text, .muted { fill: var(--muted) }
  .ticks text { text-anchor: middle }
  .left text { text-anchor: end }
  .end text { text-anchor: end }
  .small { font-size: 11px }
  .grid path { stroke: var(--grid) }
  .axis, .mark path { stroke: var(--muted) }
  .mark path { stroke-dasharray: 4 4 }
  polyline { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
  .noisy { stroke-width: 1; opacity: .22 }
  circle { fill: currentColor }
  .cell { fill: currentColor }
  .line0 { color: var(--line0) }
  .line1 { color: var(--line1) }
`;

export function text(x: number, y: number, words: string, attributes = ''): string {
  return `<text x="${px(x)}" y="${px(y)}"${attributes}>${escapeXml(words)}</text>`;
}

/** A tenth of a pixel is enough. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escapeXml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
