import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { formatBytes, formatSeconds } from '#core/progress.ts';
import type { ExportResult } from './export/export.ts';
import { digits } from './training/presets/digits.ts';
import type { TrainResult } from './training/run/trainOptions.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const run = 'runs/digits';
const bundle = 'runs/digits/bundle';
const files = 'runs/quickstart';
const interrupted = 130; // as shells say it

interface Stage {
  title: string;
  /** Of the file in `runs/quickstart/` that keeps what the stage said, so that it is not done again where nothing changed. */
  name: string;
  /** What it leaves; where that is gone, it is done again. */
  makes?: string;
  /** As a person would type it, after `npx`. */
  command: string[];
  /** One line about the object that the command prints with `--json`; without it the command speaks for itself. */
  // biome-ignore lint/suspicious/noExplicitAny: each command has its own
  tell?: (result: any) => string;
}

/** What the stages are made of: where none of it is newer than what a stage has said, the stage would say the same. */
const sources = ['bin', 'core', 'datasets', 'export', 'node', 'serving', 'training', 'web-demo', 'package-lock.json'];

const learn: Stage[] = [
  {
    name: 'setup',
    makes: 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node',
    title: 'Set up TensorFlow',
    command: ['clapper', 'setup'],
  },
  {
    name: 'train',
    makes: run,
    title: 'Train from pairs alone: does this sound belong with this image?',
    command: ['clapper', 'train', '--preset', 'digits', '--out', run, '--resume'],
    tell: ({ step, metrics }: TrainResult) => `${step} steps; test accuracy ${metrics.accuracy?.toFixed(3)}`,
  },
  {
    name: 'export',
    makes: `${bundle}/manifest.json`,
    title: 'Export to ONNX',
    command: ['clapper', 'export', '--checkpoint', run, '--out', bundle, '--name', 'digits'],
    tell: ({ files }: ExportResult) =>
      `${files.length} files, ${formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}`,
  },
  {
    name: 'verify',
    title: 'Verify that ONNX Runtime gives what TensorFlow gave',
    command: ['clapper', 'verify', '--bundle', bundle],
    tell: ({ differences }: ExportResult) => `it does, to ${Math.max(...Object.values(differences)).toExponential(1)}`,
  },
  {
    name: 'evaluate',
    title: 'Evaluate on recordings and images that were never in training',
    command: ['clapper', 'evaluate', '--bundle', bundle],
    tell: ({ pairs, accuracy, rocAuc }: { pairs: number; accuracy: number; rocAuc: number }) =>
      `accuracy ${accuracy.toFixed(3)} on ${pairs} pairs, ROC AUC ${rocAuc.toFixed(4)}`,
  },
  {
    name: 'build',
    makes: 'web-demo/dist/index.html',
    title: 'Build the page',
    command: ['vite', 'build', 'web-demo', '--logLevel', 'error'],
  },
];

export interface QuickstartOptions {
  /** false: end after asking. */
  serve: boolean;
  port: number | undefined;
}

/**
 * `npm run quickstart`: from pairs to answers, each stage as the command that a person would type.
 *
 * @returns the exit code: of the stage that failed, or 0.
 */
export async function quickstart({ serve, port }: QuickstartOptions): Promise<number> {
  const startMs = performance.now();
  if (serve && !(await isFree(port ?? 3000))) {
    say(
      `error: Port ${port ?? 3000} is in use. Give another, or end what listens there: npm run quickstart -- --port 3001`,
    );
    return 1;
  }
  say('Clapper learns whether a spoken and a handwritten digit belong together.');
  setAsideOldRun();
  mkdirSync(join(root, files), { recursive: true });
  const code = (await playAll(learn)) || (await playAll(ask()));
  if (code === interrupted) say('Stopped. Run it again to go on from there.');
  if (code !== 0) return code;
  say(`\nAll of it took ${formatSeconds((performance.now() - startMs) / 1000)}.`);
  const command = ['clapper', 'serve', '--bundle', bundle, ...(port === undefined ? [] : ['--port', String(port)])];
  if (serve) return play({ name: 'serve', title: 'Serve, until Ctrl-C', command });
  say(`Next: npx ${command.join(' ')}`);
  return 0;
}

/** Plays the stages from the first one on whose result may have changed. */
async function playAll(stages: Stage[]): Promise<number> {
  const newest = newestOf(sources.map((source) => join(root, source)));
  let isKept = true;
  for (const stage of stages) {
    isKept &&= isDone(stage, newest);
    const code = isKept ? repeat(stage) : await play(stage);
    if (code !== 0) return code;
  }
  return 0;
}

function isDone({ name, makes }: Stage, newestSourceMs: number): boolean {
  const said = saidBy(name);
  return existsSync(said) && statSync(said).mtimeMs > newestSourceMs && (!makes || existsSync(join(root, makes)));
}

function saidBy(name: string): string {
  return join(root, files, `${name}.json`);
}

/** @returns when the newest of these files, or of the files in these folders, was written. */
function newestOf(paths: string[]): number {
  const times = paths.map((path) => {
    const isFolder = statSync(path).isDirectory();
    const inside = isFolder
      ? readdirSync(path).filter((name) => name !== 'dist' && !name.startsWith('node_modules'))
      : [];
    return isFolder ? newestOf(inside.map((name) => join(path, name))) : statSync(path).mtimeMs;
  });
  return Math.max(0, ...times);
}

/** Says again what a stage has said. */
function repeat({ name, title, tell }: Stage): number {
  say(`\n● ${title}\n  as before${tell ? `: ${tell(JSON.parse(readFileSync(saidBy(name), 'utf8')))}` : ''}`);
  return 0;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
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
  const published = join(root, 'models/digits');
  const { sounds, pictures } = JSON.parse(readFileSync(join(published, 'manifest.json'), 'utf8')).examples;
  const copy = (list: { subject: string; file: string }[], digit: string, name: string) => {
    const example = list.find(({ subject }) => subject === digit) as { file: string };
    copyFileSync(join(published, example.file), join(root, files, name));
    return `${files}/${name}`;
  };
  const audio = copy(sounds, '7', 'spoken-7.wav');
  const match = (name: string, title: string, image: string): Stage => ({
    name,
    title,
    command: ['clapper', 'match', '--bundle', bundle, '--audio', audio, '--image', image],
    tell: ({ score }: { score: number }) =>
      `They ${score >= 0.5 ? 'belong' : 'do not belong'} together: score ${score.toFixed(3)}.`,
  });
  return [
    match('ask-7', 'Ask about a spoken and a handwritten 7', copy(pictures, '7', 'written-7.png')),
    match('ask-2', 'Ask about the same sound and a handwritten 2', copy(pictures, '2', 'written-2.png')),
  ];
}

/** Says what comes, runs it and tells the result. */
async function play({ name, title, command, tell }: Stage): Promise<number> {
  say(`\n● ${title}\n  npx ${command.join(' ')}`);
  const { code, stdout } = await execute(tell ? [...command, '--json'] : command, { captured: tell !== undefined });
  if (code === 0 && tell) say(`  ${tell(JSON.parse(stdout))}`);
  if (code === 0) writeFileSync(saidBy(name), stdout);
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
