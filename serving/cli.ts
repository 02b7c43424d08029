import { availableParallelism, constants } from 'node:os';
import { type Command, Option } from 'commander';
import { portNumber, positiveNumber, webAddress } from '#node/flags.ts';
import { packageInfo } from '#node/packageInfo.ts';
import { fitHeapToLoad } from '#node/smallHeap.mjs';
import type { Log } from './ops/log.ts';
import type { Traces } from './ops/traces.ts';
import type { Serving } from './serve.ts';
import { isSwitchedOn, type Settings, settingOptions } from './settings.ts';

/** Adds `match` and `serve`. */
export function addServingCommands(program: Command): void {
  program
    .command('match')
    .description('say whether a sound and a picture belong together')
    .option('--bundle <folder>', 'for example models/digits')
    .option('--server <url>', 'to ask instead of a bundle', webAddress)
    .addOption(new Option('--api-key <key>', 'of the server').env('CLAPPER_API_KEY'))
    .requiredOption('--audio <file>', 'wav, mp3, ogg, opus, flac, m4a or webm')
    .requiredOption('--image <file>', 'JPEG, PNG or WebP')
    .option(
      '--hop-seconds <seconds>',
      "from one window's start to the next, in a long sound (default: half a window)",
      positiveNumber,
    )
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, server, apiKey, json, ...question }, command: Command) => {
      if ((bundle === undefined) === (server === undefined)) {
        command.error('error: Expected either --bundle FOLDER or --server URL.');
      }
      const { match, matchByServer } = await import('./match.ts');
      const result = server
        ? await matchByServer({ ...question, server, apiKey })
        : await match({ ...question, bundle, threads: availableParallelism() });
      for (const note of result.notes) process.stderr.write(`Note: ${note}\n`);
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else process.stdout.write(describe(result));
    });

  program
    .command('embed')
    .description('print the embeddings of a sound or a picture as JSON')
    .requiredOption('--bundle <folder>', 'for example models/digits')
    .addOption(new Option('--audio <file>', 'a row a window').conflicts('image'))
    .option('--image <file>', 'one row')
    .option('--hop-seconds <seconds>', "from one window's start to the next (default: half a window)", positiveNumber)
    .action(async ({ bundle, audio, image, hopSeconds }, command: Command) => {
      if ((audio === undefined) === (image === undefined))
        command.error('error: Expected --audio FILE or --image FILE.');
      const { embed } = await import('./embed.ts');
      const kind = audio === undefined ? 'image' : 'audio';
      const threads = availableParallelism();
      const embedded = await embed({ bundle, kind, file: audio ?? image, hopSeconds, threads });
      for (const note of embedded.notes) process.stderr.write(`Note: ${note}\n`);
      process.stdout.write(`${JSON.stringify(embedded)}\n`);
    });

  const serveCommand = program
    .command('serve')
    .argument('[port]', 'in the place of --port: npm start --port 4314 passes no more than the number', portNumber)
    .description('answer questions over HTTP, and serve the page')
    .option('--print-config', 'print all settings as JSON, and end');
  const options = settingOptions();
  for (const option of options) serveCommand.addOption(option);
  serveCommand
    .addHelpText(
      'after',
      '\nSIGTERM finishes what is under way and ends; SIGHUP reads the bundles and the API keys anew.',
    )
    .action(async (port: number | undefined, { printConfig, ...flags }: Settings & { printConfig?: true }, command) => {
      const settings = { ...flags, ...switchesOf(command, options), port: port ?? flags.port };
      if (printConfig) return void process.stdout.write(`${JSON.stringify(settings, null, 2)}\n`);
      if (!settings.bundle?.length && !settings.models) {
        command.error('error: Expected --bundle FOLDER or --models FOLDER, for example models/digits.');
      }
      let serving: Serving | undefined;
      let isReloadDue = false; // what changes while it starts, it may have read before
      process.on('SIGHUP', () => {
        isReloadDue = true;
        void serving?.reload();
      });
      // The first process of a container is ended by no signal that it does not listen to.
      const endAtOnce = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
      let onStop: (signal: NodeJS.Signals) => void = endAtOnce;
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, (received) => onStop(received));
      // Whoever read the log may have ended; the server goes on, where other commands end.
      for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {});
      const { serve } = await import('./serve.ts');
      const { createLog } = await import('./ops/log.ts');
      const log = createLog({ format: settings.logFormat, write: (line) => process.stderr.write(line) });
      const { version } = packageInfo;
      const traces = await openTraces(log, version);
      serving = await serve(settings, { log, version, traces });
      fitHeapToLoad(serving.heldBytes);
      process.stdout.write(`Serving ${serving.models.join(', ')} on ${serving.url}\n`);
      if (isReloadDue) void serving.reload();
      await new Promise<void>((resolve) => {
        onStop = () => {
          onStop = endAtOnce;
          resolve();
        };
      });
      process.stderr.write('Finishing what is under way. Again to stop at once.\n');
      await serving.stop();
      process.exit(0); // what still waits for a drained client's connection must not hold the exit
    });
}

/** As OpenTelemetry's variables say; null where they name no collector. */
async function openTraces(log: Log, version: string): Promise<Traces | null> {
  const { env } = process;
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return null;
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/json';
  if (!/^http\/(json|protobuf)$/.test(protocol)) {
    log.warn(`traces are sent by http/json, not by ${protocol}: name the collector's port for HTTP, by default 4318`);
  }
  const { createTraces } = await import('./ops/traces.ts');
  return createTraces({
    version,
    onTrouble: (error) => log.warn('traces are not sent', { error: error.message }),
  });
}

/** @returns switches that the environment sets, as their variables say. */
function switchesOf(command: Command, options: readonly Option[]): Record<string, boolean> {
  const switches: Record<string, boolean> = {};
  for (const option of options) {
    const name = option.attributeName();
    if (!option.isBoolean() || command.getOptionValueSource(name) !== 'env') continue;
    const text = process.env[option.envVar as string] as string;
    try {
      switches[name] = isSwitchedOn(text);
    } catch (error) {
      command.error(`error: ${option.envVar} is "${text}". ${(error as Error).message}`);
    }
  }
  return switches;
}

function describe({ score, windows }: { score: number; windows: { startSeconds: number; score: number }[] }): string {
  const verdict = score >= 0.5 ? 'They belong together' : 'They do not belong together';
  const parts = windows.map((window) => `    from ${window.startSeconds.toFixed(2)} s: ${window.score.toFixed(3)}\n`);
  return `  ${verdict}: score ${score.toFixed(3)}.\n${windows.length > 1 ? parts.join('') : ''}`;
}
