import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { formatSeconds } from '#core/progress.ts';
import { digits } from './training/presets/digits.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const run = 'runs/digits';
const bundle = 'runs/digits/bundle';
const asked = 'runs/quickstart';

interface Stage {
  title: string;
  command: string[];
}

const learn: Stage[] = [
  { title: 'Set up TensorFlow', command: ['clapper', 'setup'] },
  {
    title: 'Train from pairs alone: do this sound and this image show the same digit?',
    command: ['clapper', 'train', '--preset', 'digits', '--out', run, '--resume'],
  },
  { title: 'Export to ONNX', command: ['clapper', 'export', '--checkpoint', run, '--out', bundle, '--name', 'digits'] },
  { title: 'Verify: ONNX Runtime gives what TensorFlow gave', command: ['clapper', 'verify', '--bundle', bundle] },
  { title: 'Evaluate on recordings and images never seen', command: ['clapper', 'evaluate', '--bundle', bundle] },
  { title: 'Build the page', command: ['vite', 'build', 'web-demo', '--logLevel', 'warn'] },
];

/**
 * `npm run quickstart`: every stage from pairs to answers, each as the command that a person would type.
 *
 * @returns the exit code: of the stage that failed, or 0.
 */
export async function quickstart({ serve }: { serve: boolean }): Promise<number> {
  const startMs = performance.now();
  say('Clapper learns whether a spoken and a handwritten digit belong together.');
  setAsideOldRun();
  for (const stage of learn) {
    const code = await play(stage);
    if (code !== 0) return code;
  }
  for (const stage of ask()) {
    const code = await play(stage);
    if (code !== 0) return code;
  }
  say(`\nAll of it took ${formatSeconds((performance.now() - startMs) / 1000)}.`);
  const server: Stage = { title: 'Serve, until Ctrl-C', command: ['clapper', 'serve', '--bundle', bundle] };
  if (serve) return play(server);
  say(`Next: npx ${server.command.join(' ')}`);
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

/** Real files of the test part, which the page offers too: one sound, the image that matches it and one that does not. */
function ask(): Stage[] {
  const dist = join(root, 'web-demo/dist');
  const { sounds, pictures } = JSON.parse(readFileSync(join(dist, 'examples/examples.json'), 'utf8'));
  mkdirSync(join(root, asked), { recursive: true });
  const copy = (list: { digit: number; file: string }[], digit: number, name: string) => {
    const example = list.find((entry) => entry.digit === digit) as { file: string };
    copyFileSync(join(dist, example.file), join(root, asked, name));
    return `${asked}/${name}`;
  };
  const seven = copy(sounds, 7, 'spoken-7.wav');
  const match = (image: string) => ['clapper', 'match', '--bundle', bundle, '--audio', seven, '--image', image];
  return [
    { title: 'Ask: a spoken 7 with a handwritten 7', command: match(copy(pictures, 7, 'written-7.png')) },
    { title: 'Ask: the same sound with a handwritten 2', command: match(copy(pictures, 2, 'written-2.png')) },
  ];
}

/** Says what comes and runs it, its output going where ours goes. */
function play({ title, command: [program = '', ...args] }: Stage): Promise<number> {
  say(`\n● ${title}\n  npx ${[program, ...args].join(' ')}`);
  const script = program === 'clapper' ? 'bin/clapper.mjs' : 'node_modules/vite/bin/vite.js';
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  // Ctrl-C reaches the stage too, which may have something to save: wait for it. SIGTERM has to be passed on.
  const onInterrupt = () => {};
  const onTerminate = () => child.kill('SIGTERM');
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
