import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProgressOutput } from '#core/progress.ts';
import { median } from '#node/median.ts';
import { startContestant } from '../contestant.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { pythonEnvironment } from '../pythonEnvironment.ts';
import { type Answer, measured, type Question } from './questions.ts';

export interface MediaOptions {
  /** Turns of either side. */
  blocks: number;
  cacheFolder: string;
  output: ProgressOutput;
}

export interface MediaReport {
  machine: Machine;
  peer: string;
  /** Milliseconds of processor time, medians over the turns; of what the peer does not read ours alone. */
  results: { name: string; ours: number; peer: number | null; ratio: number | null; ratios: number[] }[];
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Sounds and pictures decoded and brought to rate and size, beside soundfile, soxr and Pillow, in turns. */
export async function benchMedia({ blocks, cacheFolder, output }: MediaOptions): Promise<MediaReport> {
  const python = await pythonEnvironment({ requirementsFile: at('requirements.txt'), cacheFolder, output });
  const folder = mkdtempSync(join(tmpdir(), 'clapper-bench-media-'));
  try {
    execFileSync(python, [at('peer.py'), 'make', folder]);
    for (const name of ['tone.m4a', 'tone.webm'])
      copyFileSync(at(`../../test/fixtures/sounds/${name}`), join(folder, name));
    const ours = startContestant<Answer>(process.execPath, [at('../../node/program.mjs'), at('main.ts'), folder]);
    const peer = startContestant<Answer>(python, [at('peer.py'), 'run', folder]);
    const results: MediaReport['results'] = [];
    for (const { name, parts, repeats, byPeer } of measured) {
      const ask = (who: typeof ours, times: number) =>
        who.ask(JSON.stringify({ parts, repeats: times } satisfies Question)).then(({ milliseconds }) => milliseconds);
      await ask(ours, Math.max(32, repeats)); // until V8's compilers are done with it: they work beside it, and their time counts
      if (byPeer) await ask(peer, 1);
      const turns: { ours: number; peer: number | null }[] = [];
      for (let block = 0; block < blocks; block++) {
        turns.push({ ours: await ask(ours, repeats), peer: byPeer ? await ask(peer, repeats) : null });
      }
      const ratios = turns.flatMap((turn) => (turn.peer === null ? [] : [turn.ours / turn.peer]));
      const result = {
        name,
        ours: median(turns.map((turn) => turn.ours)),
        peer: byPeer ? median(turns.map((turn) => turn.peer as number)) : null,
        ratio: byPeer ? median(ratios) : null,
        ratios,
      };
      results.push(result);
      output.write(`${line(result)}\n`);
    }
    ours.end();
    peer.end();
    return { machine: describeMachine(), peer: 'soundfile 0.14.0, soxr 1.1.0 HQ, Pillow 13.0.0', results };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function line({ name, ours, peer, ratio }: MediaReport['results'][number]): string {
  const beside = peer === null || ratio === null ? '' : ` against ${peer.toFixed(2)} ms: ${ratio.toFixed(2)} ×`;
  return `${name}: ${ours.toFixed(2)} ms of processor time${beside}`;
}
