import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { formatBytes, formatSeconds } from '#core/progress.ts';
import type { ExportResult } from './export/export.ts';
import { digits } from './training/presets/digits.ts';
import type { TrainResult } from './training/train.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const run = 'runs/digits';
const bundle = 'runs/digits/bundle';
const files = 'runs/quickstart';
const interrupted = 130; // as shells say it

interface Stage {
  title: string;
  /** As a person would type it, after `npx`. */
  command: string[];
  /** One line about the object that the command prints with `--json`; without it the command speaks for itself. */
  // biome-ignore lint/suspicious/noExplicitAny: each command has its own
  tell?: (result: any) => string;
}

const learn: Stage[] = [
  { title: 'Set up TensorFlow', command: ['clapper', 'setup'] },
  {
    title: 'Train from pairs alone: does this sound belong with this image?',
    command: ['clapper', 'train', '--preset', 'digits', '--out', run, '--resume'],
    tell: ({ step, metrics }: TrainResult) => `${step} steps; test accuracy ${metrics.accuracy?.toFixed(3)}`,
  },
  {
    title: 'Export to ONNX',
    command: ['clapper', 'export', '--checkpoint', run, '--out', bundle, '--name', 'digits'],
    tell: ({ files }: ExportResult) =>
      `${files.length} files, ${formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}`,
  },
  {
    title: 'Verify that ONNX Runtime gives what TensorFlow gave',
    command: ['clapper', 'verify', '--bundle', bundle],
    tell: ({ differences }: ExportResult) => `it does, to ${Math.max(...Object.values(differences)).toExponential(1)}`,
  },
  {
    title: 'Evaluate on recordings and images that were never in training',
    command: ['clapper', 'evaluate', '--bundle', bundle],
    tell: ({ pairs, accuracy, rocAuc }: { pairs: number; accuracy: number; rocAuc: number }) =>
      `accuracy ${accuracy.toFixed(3)} on ${pairs} pairs, ROC AUC ${rocAuc.toFixed(4)}`,
  },
  { title: 'Build the page', command: ['vite', 'build', 'web-demo', '--logLevel', 'error'] },
];

export interface QuickstartOptions {
  /** false: end after asking. */
  serve: boolean;
  port: string | undefined;
}

/**
 * `npm run quickstart`: from pairs to answers, each stage as the command that a person would type.
 *
 * @returns the exit code: of the stage that failed, or 0.
 */
export async function quickstart({ serve, port }: QuickstartOptions): Promise<number> {
  const startMs = performance.now();
  say('Clapper learns whether a spoken and a handwritten digit belong together.');
  setAsideOldRun();
  const code = (await playAll(learn)) || (await playAll(ask()));
  if (code === interrupted) say('Stopped. Run it again to go on from there.');
  if (code !== 0) return code;
  say(`\nAll of it took ${formatSeconds((performance.now() - startMs) / 1000)}.`);
  const command = ['clapper', 'serve', '--bundle', bundle, ...(port ? ['--port', port] : [])];
  if (serve) return play({ title: 'Serve, until Ctrl-C', command });
  say(`Next: npx ${command.join(' ')}`);
  return 0;
}

async function playAll(stages: Stage[]): Promise<number> {
  for (const stage of stages) {
    const code = await play(stage);
    if (code !== 0) return code;
  }
  return 0;
}

/** A run that was begun before the preset changed cannot be continued; it is kept under another name. */
function setAsideOldRun(): void {
  const config = join(root, run, 'config.json');
  if (!existsSync(config) || isDeepStrictEqual(JSON.parse(readFileSync(config, 'utf8')), digits)) return;
  const kept = `${run}-${statSync(config).mtime.toISOString().slice(0, 19).replaceAll(':', '-')}`;
  renameSync(join(root, run), join(root, kept));
  say(`The run in ${run} was begun with other settings; it is ${kept} now.`);
}

/** Real files of the test part, which the page offers too: a sound, an image that matches it and one that does not. */
function ask(): Stage[] {
  const dist = join(root, 'web-demo/dist');
  const { sounds, pictures } = JSON.parse(readFileSync(join(dist, 'examples/examples.json'), 'utf8'));
  mkdirSync(join(root, files), { recursive: true });
  const copy = (list: { digit: number; file: string }[], digit: number, name: string) => {
    const example = list.find((entry) => entry.digit === digit) as { file: string };
    copyFileSync(join(dist, example.file), join(root, files, name));
    return `${files}/${name}`;
  };
  const audio = copy(sounds, 7, 'spoken-7.wav');
  const match = (title: string, image: string): Stage => ({
    title,
    command: ['clapper', 'match', '--bundle', bundle, '--audio', audio, '--image', image],
  });
  return [
    match('Ask about a spoken and a handwritten 7', copy(pictures, 7, 'written-7.png')),
    match('Ask about the same sound and a handwritten 2', copy(pictures, 2, 'written-2.png')),
  ];
}

/** Says what comes, runs it and tells the result. */
async function play({ title, command, tell }: Stage): Promise<number> {
  say(`\n● ${title}\n  npx ${command.join(' ')}`);
  const { code, stdout } = await execute(tell ? [...command, '--json'] : command, { captured: tell !== undefined });
  if (code === 0 && tell) say(`  ${tell(JSON.parse(stdout))}`);
  return code;
}

function execute([program, ...args]: string[], { captured }: { captured: boolean }) {
  const script = program === 'clapper' ? 'bin/clapper.mjs' : 'node_modules/vite/bin/vite.js';
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ['inherit', captured ? 'pipe' : 'inherit', 'inherit'],
  });
  let stdout = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  // Ctrl-C reaches the stage too, which may have something to save: wait for it. SIGTERM has to be passed on.
  const wait = () => {};
  const pass = () => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', pass);
  return new Promise<{ code: number; stdout: string }>((resolve) => {
    child.on('close', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', pass);
      resolve({ code: code ?? (signal === 'SIGINT' ? interrupted : 1), stdout });
    });
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
