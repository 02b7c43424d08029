import { InputError } from '#core/errors.ts';

/** @param onBytes is told how many bytes have come so far, uncompressed. */
export async function download(
  url: string,
  onBytes: (bytes: number) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url).catch((cause) => {
    throw new InputError(
      `The server does not answer for ${url}. Is it still running? Reload the page to try again.`,
      'not_found',
      { cause },
    );
  });
  if (!response.ok || !response.body) {
    throw new InputError(`Expected a file at ${url} but the server answered ${response.status}.`, 'not_found');
  }
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      onBytes(bytes);
      controller.enqueue(chunk);
    },
  });
  return new Uint8Array(await new Response(response.body.pipeThrough(counter)).arrayBuffer());
}
