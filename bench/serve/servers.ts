import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type ProcessTree, watchProcessTree } from '../processTree.ts';

/** A server that is measured. */
export interface MeasuredServer {
  name: string;
  port: number;
  tree: ProcessTree;
  end(): Promise<void>;
}

export interface ServersOptions {
  bundle: string;
  variant: string;
  python: string;
  /** Workers of ours and LitServe; FastAPI is measured with one and with two. */
  workers: number;
  /** Of ours. */
  device: 'cpu' | 'cuda';
}

export const serverNames = ['clapper', 'fastapi-1', 'fastapi-2', 'litserve'] as const;
export type ServerName = (typeof serverNames)[number];

/** Each with one thread a worker, without logs of requests and without caches. */
export async function startServer(
  name: ServerName,
  { bundle, variant, python, workers, device }: ServersOptions,
): Promise<MeasuredServer> {
  const port = await freePort();
  const peer = fileURLToPath(new URL('./peer.py', import.meta.url));
  const commands: Record<ServerName, string[]> = {
    clapper: [
      process.execPath,
      fileURLToPath(new URL('../../bin/clapper.mjs', import.meta.url)),
      ...['serve', '--bundle', bundle, '--variants', variant, '--port', String(port)],
      ...['--workers', String(workers), '--threads', '1', '--embedding-cache-mb', '0', '--device', device],
    ],
    'fastapi-1': [python, peer, 'fastapi', bundle, variant, String(port), '1'],
    'fastapi-2': [python, peer, 'fastapi', bundle, variant, String(port), '2'],
    litserve: [python, peer, 'litserve', bundle, variant, String(port), String(workers)],
  };
  const [program = '', ...args] = commands[name];
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // a group of its own: some end without ending their workers
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said = (said + text).slice(-4000);
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid as number), name);
    } catch {} // nothing is left of it
  };
  const isEnded = ended.then((code) => Promise.reject(new Error(`${name} ended with ${code}:\n${said}`)));
  isEnded.catch(() => {}); // at its end
  await Promise.race([isEnded, answers(port)]);
  const tree = watchProcessTree(child.pid ?? 0, { seeksPeak: false });
  return {
    name,
    port,
    tree,
    async end() {
      tree.end();
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
      signal('SIGKILL');
    },
  };
}

/** Until it answers anything at all: before, the connection is refused. */
async function answers(port: number): Promise<void> {
  for (const endMs = performance.now() + 120_000; ; ) {
    const status = await fetch(`http://127.0.0.1:${port}/v1/correspondence`, { method: 'POST' }).then(
      (reply) => reply.status,
      () => 0,
    );
    if (status !== 0 && status !== 503) return;
    if (performance.now() > endMs) throw new Error(`Nothing answers at port ${port} after two minutes.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
