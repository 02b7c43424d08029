import { InputError } from '#core/errors.ts';
import { words } from './words.ts';

/** Without a byte for so long, a download will not go on by itself. */
const stallMs = 10_000;

export interface ReceiveOptions {
  /** For messages. */
  name: string;
  onBytes: (bytes: number) => void;
}

/** @throws {InputError} where the host does not answer, refuses, breaks off or stops sending. */
export async function receive(url: string, { name, onBytes }: ReceiveOptions): Promise<Uint8Array<ArrayBuffer>> {
  const stalled = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), stallMs);
  };
  try {
    wait();
    const response = await fetch(url, { signal: stalled.signal });
    if (!response.ok || !response.body) throw new InputError(words.refused(name, response.status), 'not_found');
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    for await (const chunk of pieces(response.body)) {
      wait();
      chunks.push(chunk);
      bytes += chunk.length;
      onBytes(bytes);
    }
    return joined(chunks, bytes);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = stalled.signal.aborted ? words.stalled : navigator.onLine === false ? words.offline : words.cut;
    throw new InputError(reason(name), 'not_found', { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Not every browser can iterate over a stream. */
async function* pieces(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

function joined(chunks: Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
