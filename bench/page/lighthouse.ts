import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The newest that Node 20 runs; npx fetches it, so that the project need not carry it. */
const version = '12.8.2';

export type Form = 'mobile' | 'desktop';

export interface LighthouseReport {
  /** Of 100: performance, accessibility, best-practices, seo. */
  scores: Record<string, number>;
  /** Of the audits that weigh most in performance, as Lighthouse writes them. */
  measured: Record<string, string>;
}

const told = [
  'first-contentful-paint',
  'largest-contentful-paint',
  'total-blocking-time',
  'cumulative-layout-shift',
  'speed-index',
];

export async function runLighthouse(url: string, form: Form): Promise<LighthouseReport> {
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  const { stdout } = await promisify(execFile)(
    'npx',
    [
      ...['--yes', `lighthouse@${version}`, url, '--quiet', '--output=json', `--chrome-flags=${flags.join(' ')}`],
      ...(form === 'desktop' ? ['--preset=desktop'] : []),
    ],
    { maxBuffer: 64e6 },
  );
  const { categories, audits } = JSON.parse(stdout) as {
    categories: Record<string, { score: number }>;
    audits: Record<string, { displayValue?: string }>;
  };
  return {
    scores: Object.fromEntries(Object.entries(categories).map(([name, { score }]) => [name, Math.round(100 * score)])),
    measured: Object.fromEntries(told.map((name) => [name, audits[name]?.displayValue ?? ''])),
  };
}
