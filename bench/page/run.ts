import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine, type Machine } from '../machine.ts';
import { measureSlowVisit, measureVisits, type SlowVisit } from './firstScore.ts';
import { type InferenceReport, measureInference } from './inference/run.ts';
import { type Form, type LighthouseReport, runLighthouse } from './lighthouse.ts';
import { servePage } from './server.ts';

export type Part = 'visits' | 'slow' | 'inference' | 'lighthouse';

export interface PageBenchOptions {
  bundle: string;
  turns: number;
  /** What is measured. */
  only: readonly Part[];
}

export interface PageBenchReport {
  machine: Machine;
  bundle: string;
  /** From navigation to the first score that the model itself gives. */
  visits?: { coldMs: number[]; warmMs: number[] };
  slow?: SlowVisit;
  inference?: InferenceReport;
  lighthouse?: Record<Form, LighthouseReport>;
}

/** Of the slow line: 1.6 Mbit/s, as Lighthouse's slow 4G. */
const slowBitsPerSecond = 1.6e6;

/** The built page, served by our server on this machine, in an installed Chromium. */
export async function benchPage({ bundle, turns, only }: PageBenchOptions): Promise<PageBenchReport> {
  const { url, stop } = await servePage(bundle);
  const folder = await mkdtemp(join(tmpdir(), 'clapper-bench-page-'));
  const report: PageBenchReport = { machine: describeMachine(), bundle };
  try {
    if (only.includes('visits')) report.visits = await measureVisits(url, turns);
    if (only.includes('slow')) report.slow = await measureSlowVisit(url, slowBitsPerSecond);
    if (only.includes('inference'))
      report.inference = await measureInference(url, { bundle, turns: 4 * turns, folder });
    if (only.includes('lighthouse')) {
      report.lighthouse = {
        mobile: await runLighthouse(url, 'mobile'),
        desktop: await runLighthouse(url, 'desktop'),
      };
    }
    return report;
  } finally {
    await stop();
    await rm(folder, { recursive: true });
  }
}
