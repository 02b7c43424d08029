import type { Skipped } from '#core/datasets/prepared.ts';
import { shellWord } from '#node/shellWord.ts';
import type { PrepareResult } from './prepare.ts';

/** What `clapper prepare` tells people. */
export function prepareReport({ folder, dataset, shards, skipped, notes }: PrepareResult): string {
  if (!dataset) {
    return `${shards.finished} of ${shards.all} shards are done in ${folder}; whichever part is done last finishes the dataset.\n`;
  }
  const splits = Object.entries(dataset.counts).filter(([, { clips }]) => clips > 0);
  const rows = splits.map(([split, { clips, sounds, pictures, seconds, pairs }]) => {
    const hours = `${(seconds / 3600).toFixed(2)} h`;
    return `  ${split.padEnd(11)}${clips} clips: ${sounds} sounds (${hours}), ${pictures} pictures; ${pairs} fixed pairs\n`;
  });
  return (
    `${folder}: ${dataset.name}, ${shards.all} shards\n${rows.join('')}${noteReport(notes)}${skippedReport(skipped)}` +
    `Look at it: npx clapper inspect ${shellWord(folder)}\n`
  );
}

function noteReport(notes: string[]): string {
  return notes.length === 0 ? '' : `How it was understood:\n${notes.map((note) => `  ${note}\n`).join('')}`;
}

/** One line a reason, up to its colon, with an example; what is broken comes first. */
function skippedReport(skipped: Skipped[]): string {
  const byReason = new Map<string, Skipped[]>();
  for (const entry of skipped.toSorted((a, b) => Number(b.broken) - Number(a.broken))) {
    const reason = entry.reason.replace(/: .*/s, '.');
    byReason.set(reason, [...(byReason.get(reason) ?? []), entry]);
  }
  const lines = Array.from(byReason, ([reason, entries]) => `  ${entries.length} × ${reason} (${entries[0]?.file})\n`);
  const rest = lines.length > 10 ? `  … and ${lines.length - 10} reasons more\n` : '';
  return lines.length === 0 ? '' : `Left out, all in skipped.jsonl:\n${lines.slice(0, 10).join('')}${rest}`;
}
