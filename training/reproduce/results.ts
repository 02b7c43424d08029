import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '#core/json.ts';
import { writeAtomically } from '#node/atomic.ts';
import { type Experiment, type Result, resultSchema, type Value } from './experiment.ts';

/** @returns null where it has not been measured. */
export async function readResult(folder: string, name: string): Promise<Result | null> {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? parseJson(resultSchema, await readFile(file, 'utf8'), file) : null;
}

export async function writeResult(folder: string, result: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeAtomically(join(folder, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** Writes the table of all that was measured, and puts its short form into a README. @param readme null: into none. */
export async function writeTables(
  { folder, readme }: { folder: string; readme: string | null },
  experiments: Experiment[],
): Promise<void> {
  const all = await Promise.all(experiments.map(({ name }) => readResult(folder, name)));
  const results = all.filter((result) => result !== null);
  const pictures = await Promise.all(results.map(({ name }) => picturesOf(join(folder, name))));
  const sections = results.map((result, i) => section(result, pictures[i] as string[]));
  await mkdir(folder, { recursive: true });
  await writeAtomically(join(folder, 'README.md'), `${heading}\n${sections.join('\n')}`);
  if (readme === null) return;
  const text = await readFile(readme, 'utf8');
  const [begin, end] = ['<!-- results -->', '<!-- /results -->'];
  const start = text.indexOf(begin) + begin.length;
  const stop = text.indexOf(end, start);
  if (start < begin.length || stop < 0) return; // a README without the table
  const hidden = experiments.flatMap(({ name, onlyInResults }) => (onlyInResults ? name : []));
  const visible = results.filter(({ name }) => !hidden.includes(name));
  await writeAtomically(readme, `${text.slice(0, start)}\n${shortTable(visible)}\n${text.slice(stop)}`);
}

const heading = `# Results

What \`npm run reproduce\` measured. Each row is a file beside this one, with every number. In brackets: where the true value lies with 95 %
confidence. Rows that no machine of ours has run are not here; \`npx clapper reproduce --list\` names them all.
`;

function section(result: Result, pictures: string[]): string {
  const { name, title, published, values, protocol, difference, command, seed, seconds, commit, machine } = result;
  return [
    `## ${title}`,
    '',
    `| | |`,
    '| --- | --- |',
    `| published | ${published ?? '–'} |`,
    ...values.map((value) => `| ${value.name} | ${shown(value)} |`),
    '',
    `${protocol}. ${difference ?? ''}`.trim(),
    '',
    `\`${command}\`, seed ${seed}, ${timeOf(seconds)}${machine}, commit ${commit ?? 'not known'}`,
    '',
    ...(pictures.length === 0
      ? []
      : [`Drawn: ${pictures.map((file) => `[${titleOf(file)}](${name}/${file})`).join(', ')}`, '']),
  ].join('\n');
}

async function picturesOf(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((file) => file.endsWith('.svg')).sort();
}

function titleOf(file: string): string {
  return file.replace('.svg', '').replaceAll('-', ' ');
}

function shortTable(results: Result[]): string {
  const rows = results.map(
    ({ title, published, values }) => `| ${title} | ${published ?? '–'} | ${shown(values[0] as Value)} |`,
  );
  return ['| | published | here |', '| --- | --- | --- |', ...rows].join('\n');
}

function timeOf(seconds: number | null): string {
  if (seconds === null) return '';
  const minutes = Math.max(1, Math.round(seconds / 60));
  return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} on `;
}

function shown({ value, low, high }: Value): string {
  const isCount = Number.isInteger(value) && value > 1;
  const format = (number: number) => (isCount ? number.toLocaleString('en-US') : number.toFixed(3).replace(/^0/, ''));
  return low === null || high === null ? format(value) : `${format(value)} (${format(low)}–${format(high)})`;
}
