import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pythonWith } from '../../support/pythonWith.ts';
import { type Server, startServer } from '../support/clapper.ts';

let server: Server;
let grpcPort: string;

beforeAll(async () => {
  const flags = ['--bundle', 'models/digits', '--grpc-port', '0', '--model-control', '--log-format', 'json'];
  let said = '';
  server = await startServer(flags, (text) => {
    said += text;
  });
  await vi.waitFor(() => expect(said).toMatch(/"serving gRPC","port":\d+/));
  grpcPort = /"serving gRPC","port":(\d+)/.exec(said)?.[1] as string;
});
afterAll(() => server?.stop());

test("Triton's own clients, over HTTP and gRPC, get what the protocol promises", {
  timeout: 600_000,
}, async (context) => {
  const python = await pythonWith(['tritonclient[http,grpc]']);
  if ('missing' in python) return context.skip(python.missing);
  const checked = await python(
    'test/serving/oip/triton.py',
    new URL(server.url).host,
    `127.0.0.1:${grpcPort}`,
    'models/digits',
  );
  expect(JSON.parse(checked).length).toBeGreaterThan(30);
});
