import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { InputError } from '#core/errors.ts';
import { createAdmission } from './http/admission.ts';
import { createApp } from './http/app.ts';
import { readModels } from './http/models.ts';
import { limits } from './limits.ts';
import { createPool } from './pool/pool.ts';
import { startWorkerThread } from './pool/workerThread.ts';

export interface ServeOptions {
  /** Bundle folders; the first is the default model. */
  bundles: string[];
  host: string;
  /** 0: any free one. */
  port: number;
  /** The built web demo. */
  pageFolder: string;
  workers: number;
  /** Threads that one graph runs on. */
  threads: number;
  version: string;
  /** What went wrong without being any request's fault. */
  onTrouble: (error: Error) => void;
}

export interface Serving {
  url: string;
  models: string[];
  /** Refuses new questions, finishes those it has, then ends. */
  stop(): Promise<void>;
}

/** @returns when questions are answered; the port is taken, and `/healthz` answers, before the models are loaded. */
export async function serve({
  bundles,
  host,
  port,
  pageFolder,
  workers,
  threads,
  version,
  onTrouble,
}: ServeOptions): Promise<Serving> {
  const models = await readModels(bundles);
  const folders = Object.fromEntries(Array.from(models, ([name, { folder }]) => [name, folder]));
  const admission = createAdmission();
  const pool = createPool({ workers, startThread: () => startWorkerThread({ folders, threads }), onTrouble });
  const app = createApp({ models, pool, admission, pageFolder, version });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  try {
    await listen(server, { host, port });
    await pool.start();
  } catch (error) {
    server.close().closeAllConnections();
    await pool.close();
    throw error;
  }
  admission.state = 'ready';
  return {
    url: urlOf(server),
    models: [...models.keys()],
    async stop() {
      admission.state = 'draining';
      const drained = admission.empty().then(() => close(server));
      await Promise.race([drained, sleep(limits.drainSeconds * 1000, undefined, { ref: false })]);
      server.closeAllConnections();
      await pool.close();
    },
  };
}

/** Settles when the last reply is out. Connections that wait for another request are not waited for. */
async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(sweep);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(explain(cause, { host, port })));
    server.listen(port, host, resolve);
  });
}

function explain(cause: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is taken by another program. Stop that one, or choose another with --port ${port + 1}.`,
    EACCES: `Port ${port} needs rights that this user lacks. Choose one above 1023 with --port 3000.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Try --host 127.0.0.1, or 0.0.0.0 for all.`,
    ENOTFOUND: `${host} is not an address of this machine. Try --host 127.0.0.1, or 0.0.0.0 for all.`,
  };
  const reason = reasons[cause.code ?? ''];
  return reason ? new InputError(reason, 'invalid_request', { cause }) : cause;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen.');
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}
