import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { portNumber, positiveInteger, positiveNumber } from '#node/flags.ts';
import { packageInfo } from '#node/packageInfo.ts';

/** Adds `match` and `serve`. */
export function addServingCommands(program: Command): void {
  program
    .command('match')
    .description('say whether a sound and a picture belong together')
    .requiredOption('--bundle <folder>', 'for example models/digits')
    .requiredOption('--audio <file>', 'wav, mp3, ogg, opus, flac, m4a or webm')
    .requiredOption('--image <file>', 'JPEG, PNG or WebP')
    .option(
      '--hop-seconds <seconds>',
      "from one window's start to the next, in a long sound (default: half a window)",
      positiveNumber,
    )
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, audio, image, hopSeconds, json }) => {
      const { match } = await import('./match.ts');
      const result = await match({ bundle, audio, image, hopSeconds, threads: availableParallelism() });
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else process.stderr.write(describe(result));
    });

  program
    .command('serve')
    .description('answer questions over HTTP, and serve the page')
    .requiredOption('--bundle <folder...>', 'for example models/digits; of several the first is the default model')
    .option('--port <number>', '0: any free one', portNumber, 3000)
    .option('--host <address>', '0.0.0.0: reachable from other machines', '127.0.0.1')
    .option('--page <folder>', 'the built page (default: web-demo/dist)')
    .option(
      '--workers <number>',
      'threads that decode and run models (default: one a core, at most 4)',
      positiveInteger,
    )
    .action(async ({ bundle, port, host, page, workers }) => {
      setFlagsFromString('--max-semi-space-size=2'); // as in workerThread.ts
      const { serve } = await import('./serve.ts');
      const { planThreads } = await import('./engine/plan.ts');
      const { defaultLimits } = await import('./engine/limits.ts');
      const serving = await serve({
        bundles: bundle,
        host,
        port,
        pageFolder: page ?? fileURLToPath(new URL('../web-demo/dist', import.meta.url)),
        plan: planThreads(availableParallelism(), { workers }),
        limits: defaultLimits,
        cacheBytes: 0,
        version: packageInfo.version,
        onTrouble: (error) => console.error(error),
      });
      process.stdout.write(`Serving ${serving.models.join(', ')} on ${serving.url}\n`);
      await nextSignal(['SIGINT', 'SIGTERM']);
      process.stderr.write('Finishing what is under way. Again to stop at once.\n');
      await serving.stop();
    });
}

function describe({ score, windows }: { score: number; windows: { startSeconds: number; score: number }[] }): string {
  const verdict = score >= 0.5 ? 'They belong together' : 'They do not belong together';
  const parts = windows.map((window) => `    from ${window.startSeconds.toFixed(2)} s: ${window.score.toFixed(3)}\n`);
  return `  ${verdict}: score ${score.toFixed(3)}.\n${windows.length > 1 ? parts.join('') : ''}`;
}

/** Waits for the first of these signals; a second one ends the process as it would by itself. */
function nextSignal(signals: NodeJS.Signals[]): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
