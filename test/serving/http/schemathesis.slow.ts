import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonWith } from '../../support/pythonWith.ts';
import { type Server, startServer } from '../support/clapper.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer(['--models', 'models', '--workers', '2']);
});
afterAll(() => server?.stop());

test('schemathesis finds no answer that the OpenAPI document does not promise, in 2,000 cases and more', {
  timeout: 3_600_000,
}, async (context) => {
  const python = await pythonWith(['schemathesis==4.32.5']);
  if ('missing' in python) return context.skip(python.missing);
  const examples = process.env.CLAPPER_FULL === '1' ? '300' : '30';
  const args = ['-m', 'schemathesis.cli', 'run', `${server.url}/openapi.json`];
  const options = [
    '--checks',
    'all',
    '--max-examples',
    examples,
    '--seed',
    '1',
    '--no-color',
    '--request-timeout',
    '30',
  ];
  const said = await python(...args, ...options, '--generation-database', 'none').catch(
    (error: { stdout?: string; stderr?: string }) => `${error.stdout}\n${error.stderr}`,
  );
  expect(said).not.toMatch(/= FAILURES =|= ERRORS =/);
  const cases = Number(/([\d,]+) generated/.exec(said)?.[1]?.replaceAll(',', ''));
  console.log(`${cases} cases`);
  expect(cases).toBeGreaterThan(process.env.CLAPPER_FULL === '1' ? 2000 : 200);
});
