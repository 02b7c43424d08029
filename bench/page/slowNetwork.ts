import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** So many bytes are sent at once: a hundredth of a second of a slow line. */
const tickMs = 10;

/** Stands before a server; all that comes from it together comes no faster. @param bitsPerSecond of the line. */
export async function startSlowNetwork(server: string, bitsPerSecond: number) {
  const target = new URL(server);
  const queue: { to: Socket; from: Socket; bytes: Buffer }[] = [];
  const sockets = new Set<Socket>();
  let sentBytes = 0;
  let credit = 0;

  const host = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream);
    upstream.on('data', (bytes) => {
      queue.push({ to: client, from: upstream, bytes });
      upstream.pause(); // goes on when this was sent
    });
    upstream.on('end', () => queue.push({ to: client, from: upstream, bytes: Buffer.alloc(0) }));
  }).listen(0, '127.0.0.1');
  await once(host, 'listening');

  let lastMs = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    credit = Math.min(credit + ((now - lastMs) * bitsPerSecond) / 8000, bitsPerSecond / 80);
    lastMs = now;
    // A turn each, as connections share a line.
    for (let turns = queue.length; turns > 0 && credit > 0; turns--) {
      const next = queue.shift() as (typeof queue)[0];
      if (next.bytes.length === 0) {
        next.to.end();
        continue;
      }
      const part = next.bytes.subarray(0, Math.min(1460, next.bytes.length));
      next.to.write(part);
      credit -= part.length;
      sentBytes += part.length;
      if (part.length < next.bytes.length) queue.push({ ...next, bytes: next.bytes.subarray(part.length) });
      else next.from.resume();
      if (turns === 1) turns = queue.length + 1;
    }
  }, tickMs);

  return {
    url: `http://127.0.0.1:${(host.address() as AddressInfo).port}/`,
    /** From the server to the browser so far. */
    get sentBytes() {
      return sentBytes;
    },
    async stop() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => host.close(resolve));
    },
  };
}
