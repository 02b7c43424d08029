import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `stall`: half of it, then nothing more. `cut`: half of it, then the connection ends. `alter`: one bit is another. */
export type Fault = 'stall' | 'cut' | 'alter';

/** Stands between the browser and a server, and spoils the files whose paths end as the test says. */
export async function startFaultyHost(server: string) {
  const faults = new Map<string, Fault>();
  const asked: string[] = [];
  const host = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    asked.push(path);
    const fault = [...faults].find(([part]) => path.endsWith(part))?.[1];
    const { 'accept-encoding': accepted, host: _, ...headers } = incoming.headers;
    const plain = fault ? headers : { ...headers, 'accept-encoding': accepted };
    const forwarded = request(new URL(path, server), { method: incoming.method, headers: plain }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        send(Buffer.concat(parts), fault, outgoing);
      });
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(host, 'listening');
  return {
    url: `http://127.0.0.1:${(host.address() as AddressInfo).port}/`,
    faults,
    /** Every path, in order. */
    asked,
    /** Ends every connection; whoever asks later finds nobody. */
    async stop() {
      host.closeAllConnections();
      await new Promise((resolve) => host.close(resolve));
    },
  };
}

function send(body: Buffer, fault: Fault | undefined, outgoing: ServerResponse): void {
  const half = body.subarray(0, body.length / 2);
  if (fault === 'stall') outgoing.write(half);
  else if (fault === 'cut') outgoing.write(half, () => setTimeout(() => outgoing.destroy(), 50));
  else {
    if (fault === 'alter') body[body.length >> 1] = (body[body.length >> 1] as number) ^ 1;
    outgoing.end(body);
  }
}
