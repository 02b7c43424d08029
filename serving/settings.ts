import { InvalidArgumentError, Option } from 'commander';
import { type Variant, variantSchema } from '#core/bundle/graphs.ts';
import { InputError } from '#core/errors.ts';
import { nonNegativeNumber, portNumber, positiveInteger, positiveNumber } from '#node/flags.ts';
import { isNetwork } from './http/callerAddress.ts';

/** All that an operator can set; the file of the flags, the environment's names and the defaults. */
export interface Settings {
  bundle?: string[];
  models?: string;
  variants?: Variant[];
  host: string;
  port: number;
  grpcPort?: number;
  page?: string;
  device: 'auto' | 'cpu' | 'cuda' | 'webgpu';
  workers?: number;
  threads?: number;
  batchSize: number;
  batchWaitMs?: number;
  embeddingCacheMb: number;
  maxBodyMb: number;
  maxHeldMb: number;
  maxAudioSeconds: number;
  maxImageMegapixels: number;
  maxWindows: number;
  maxFiles: number;
  queueItems: number;
  requestTimeoutSeconds: number;
  taskTimeoutSeconds: number;
  headerTimeoutSeconds: number;
  uploadGraceSeconds: number;
  minUploadBytesPerSecond: number;
  idleTimeoutSeconds: number;
  maxConnections: number;
  drainSeconds: number;
  drainDelaySeconds: number;
  apiKeys?: string;
  rateLimitPerMinute?: number;
  trustedProxies?: string[];
  corsOrigins?: string[];
  modelControl: boolean;
  logFormat: 'json' | 'text';
  logRequests: boolean;
}

type Row = [
  flags: string,
  description: string,
  parse?: ((text: string, before: never) => unknown) | undefined,
  initial?: unknown,
];

const rows: Row[] = [
  ['--bundle <folder...>', 'for example models/digits; of several the first is the default model', list],
  ['--models <folder>', 'all bundles inside it, for example models/'],
  ['--variants <names>', 'precisions to load, the first is the default (default: all that a bundle has)', variants],
  ['--host <address>', '0.0.0.0: reachable from other machines', undefined, '127.0.0.1'],
  ['--port <number>', '0: any free one', portNumber, 3000],
  ['--grpc-port <number>', 'Open Inference Protocol over gRPC (default: none)', portNumber],
  ['--page <folder>', 'the built page (default: web-demo/dist)'],
  ['--device <name>', 'auto, cpu, cuda or webgpu: what runs the graphs', device, 'auto'],
  ['--workers <number>', 'processes that decode and run models (default: one a core, at most 8)', positiveInteger],
  ['--threads <number>', 'of each graph (default: what cores are left)', positiveInteger],
  ['--batch-size <number>', 'requests that go through the networks together, where they wait', positiveInteger, 8],
  ['--batch-wait-ms <number>', 'to wait for others to batch with (default: 0, with cuda 2)', milliseconds],
  ['--embedding-cache-mb <number>', 'embeddings kept of files that come again; 0: none', nonNegativeNumber, 64],
  ['--max-body-mb <number>', 'of one request', positiveNumber, 25],
  ['--max-held-mb <number>', 'of all bodies together that are received or worked on', positiveNumber, 256],
  ['--max-audio-seconds <number>', 'of one sound', positiveNumber, 120],
  ['--max-image-megapixels <number>', 'of one picture', positiveNumber, 50],
  ['--max-windows <number>', 'of one sound', positiveInteger, 2400],
  ['--max-files <number>', 'sounds, and pictures, of one request', positiveInteger, 64],
  ['--queue-items <number>', 'sounds, pictures and tensors that may wait', positiveInteger, 512],
  ['--request-timeout-seconds <number>', 'X-Request-Timeout-Ms asks for less', seconds, 30],
  ['--task-timeout-seconds <number>', 'a worker that takes longer is replaced', seconds, 30],
  ['--header-timeout-seconds <number>', "for a request's headers", seconds, 10],
  ['--upload-grace-seconds <number>', 'before a body that comes slowly is refused', seconds, 10],
  ['--min-upload-bytes-per-second <number>', 'after that', positiveNumber, 16_384],
  ['--idle-timeout-seconds <number>', 'of a connection between requests, or whose answer is not read', seconds, 75],
  ['--max-connections <number>', 'at the same time', positiveInteger, 10_000],
  ['--drain-seconds <number>', 'to finish in after SIGTERM', seconds, 30],
  ['--drain-delay-seconds <number>', 'to say "not ready" for, before', secondsOrNone, 0],
  [
    '--api-keys <file>',
    'a line NAME:SHA256 for each key, read anew on SIGHUP; then nothing but health answers without one',
  ],
  ['--rate-limit-per-minute <number>', 'requests of one key, or address (default: any)', positiveInteger],
  ['--trusted-proxies <list>', 'addresses, or networks as 10.0.0.0/8, whose X-Forwarded-For is believed', proxies],
  ['--cors-origins <list>', 'whose pages may ask, separated by commas; *: all (default: this server’s)', origins],
  ['--model-control', 'let callers reload, load and unload models'],
  ['--log-format <name>', 'json or text', format, 'json'],
  ['--log-requests', 'log every request, not only failures'],
];

/** @returns the flags, each with its variable in the environment. */
export function settingOptions(): Option[] {
  return rows.map(([flags, description, parse = same, initial]) => {
    const option = new Option(flags, description).env(variableOf(flags));
    if (!option.isBoolean()) option.argParser((text, before) => parse(expectText(text), before as never));
    return initial === undefined ? option : option.default(initial);
  });
}

/**
 * What a switch's variable says: commander asks only whether there is one.
 *
 * @throws {InvalidArgumentError} for what is neither.
 */
export function isSwitchedOn(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new InvalidArgumentError('Expected true or false.');
}

/** @throws {InputError} for settings of which one makes another useless. */
export function expectConsistent({ maxBodyMb, maxHeldMb }: Settings): void {
  if (maxHeldMb >= maxBodyMb) return;
  throw new InputError(
    `Expected --max-held-mb, of all bodies together, to be at least --max-body-mb, of one, but received ${maxHeldMb} and ${maxBodyMb}: ` +
      'some bodies would be refused for ever.',
  );
}

/** `--max-body-mb <number>` → `CLAPPER_MAX_BODY_MB`. */
function variableOf(flags: string): string {
  const [name = ''] = flags.split(' ');
  return `CLAPPER_${name.slice(2).replaceAll('-', '_').toUpperCase()}`;
}

function same(text: string): string {
  return text;
}

/** An empty address would be every address, an empty file of keys none: an empty variable is no setting. */
function expectText(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Expected a value but it is empty. Leave the flag out, or unset the variable.');
}

/** Timers hold 24 days at most, and end at once beyond. */
const longestSeconds = 2_000_000;

function seconds(text: string): number {
  return expectAtMost(positiveNumber(text), longestSeconds);
}

function secondsOrNone(text: string): number {
  return expectAtMost(nonNegativeNumber(text), longestSeconds);
}

function milliseconds(text: string): number {
  return expectAtMost(nonNegativeNumber(text), 1000 * longestSeconds);
}

function expectAtMost(value: number, most: number): number {
  if (value <= most) return value;
  throw new InvalidArgumentError(`Expected at most ${most}.`);
}

function list(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(',').map((part) => part.trim())].filter(Boolean);
}

function origins(text: string, before?: string[]): string[] {
  return list(text, before).map((origin) => {
    if (origin === '*') return origin;
    const url = URL.canParse(origin) ? new URL(origin) : null;
    if (url?.host && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
    throw new InvalidArgumentError(`Expected origins such as https://example.org, or *, but received ${origin}.`);
  });
}

function proxies(text: string, before?: string[]): string[] {
  return list(text, before).map((proxy) => {
    if (isNetwork(proxy)) return proxy;
    throw new InvalidArgumentError(`Expected addresses, or networks such as 10.0.0.0/8, but received ${proxy}.`);
  });
}

function variants(text: string): Variant[] {
  return [...new Set(list(text).map((name) => oneOf(name, variantSchema.options)))];
}

function device(text: string): string {
  return oneOf(text, ['auto', 'cpu', 'cuda', 'webgpu']);
}

function format(text: string): string {
  return oneOf(text, ['json', 'text']);
}

function oneOf<Name extends string>(text: string, names: readonly Name[]): Name {
  const name = names.find((known) => known === text);
  if (name === undefined) throw new InvalidArgumentError(`Expected one of ${names.join(', ')}.`);
  return name;
}
