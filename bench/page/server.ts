import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** Starts our server on a free port of this machine, with the page as it was built last. */
export async function servePage(bundle: string): Promise<{ url: string; stop: () => Promise<void> }> {
  if (!existsSync(new URL('web-demo/dist/index.html', root))) {
    throw new Error('Expected the page to be built but web-demo/dist is empty. Run npm run build.');
  }
  const command = [fileURLToPath(new URL('bin/clapper.mjs', root)), 'serve', '--bundle', bundle, '--port', '0'];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const listen = (text: Buffer) => {
      said += text;
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (address) resolve(`${address}/`);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('close', (code) => reject(new Error(`The server ended with ${code} before it listened:\n${said}`)));
  });
  return {
    url,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
