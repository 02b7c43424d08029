import { type ChildProcess, spawn } from 'node:child_process';

/** Starts `clapper serve` with a bundle or several on a free port, and waits until it says where it listens. */
export async function startServer(
  bundles: string | string[],
  ...flags: string[]
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = spawn(
    process.execPath,
    ['bin/clapper.mjs', 'serve', '--bundle', ...[bundles].flat(), '--port', '0', ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const url = await listeningUrl(server);
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        server.on('close', () => resolve());
        server.kill('SIGTERM');
      }),
  };
}

function listeningUrl(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (text: Buffer) => {
      said += text;
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (url) resolve(`${url}/`);
    };
    server.stdout?.on('data', listen);
    server.stderr?.on('data', listen);
    server.on('close', (code) => reject(new Error(`The server ended with ${code} before it listened:\n${said}`)));
  });
}
