import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const launcher = fileURLToPath(new URL('../../bin/clapper.mjs', import.meta.url));

function clapper(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const help = clapper('--help');
const verbs = Array.from(help.stdout.matchAll(/^ {2}([a-z]+) /gm), ([, verb]) => verb as string);

test('--help lists every verb, and warnings of Node never show', () => {
  expect(help).toMatchObject({ status: 0, stderr: '' });
  const known = ['quickstart', 'setup', 'train', 'export', 'verify', 'evaluate', 'match', 'serve'];
  expect(verbs).toEqual(expect.arrayContaining(known));
});

test.skipIf(process.platform === 'win32')(
  'a reader that has seen enough ends it without a word, as it ends other tools',
  () => {
    const piped = `{ sleep 0.2; '${process.execPath}' '${launcher}' --help; } | true; exit "\${PIPESTATUS[0]}"`;
    const { status, stderr } = spawnSync('bash', ['-c', piped], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
  },
);

const flagsOf = new Map<string, Set<string>>();

test.each(verbs.filter((verb) => verb !== 'help'))('%s --help says what it takes, on stdout', (verb) => {
  const { status, stdout, stderr } = clapper(verb, '--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^Usage: clapper ${verb} `));
  flagsOf.set(
    verb,
    new Set(Array.from(stdout.matchAll(/^ +(?:-\w, )?(--[a-z][a-z0-9-]*)/gm), ([, flag]) => flag as string)),
  );
});

test('every flag that messages of prepare and its documentation name is there', () => {
  const sources = readdirSync('prepare', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const texts = ['docs/datasets.md', ...sources.map((name) => `prepare/${name}`)].map((file) =>
    readFileSync(file, 'utf8'),
  );
  const named = texts.flatMap((text) =>
    Array.from(text.matchAll(/(?<![\w`-])--[a-z][a-z-]+|`(--[a-z][a-z-]+)/g), ([flag]) => flag.replace('`', '')),
  );
  const tars = '--sparse'; // of tar
  const known = new Set([...['prepare', 'inspect'].flatMap((verb) => [...(flagsOf.get(verb) ?? [])]), tars]);
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((flag) => !known.has(flag))).toEqual([]);
});

test.skipIf(process.platform === 'win32')(
  'a file that the disk does not take is said in a line; nothing of it stays, and the command works when there is room',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'clapper-full-'));
    const command = [process.execPath, launcher, 'samples', '--bundle', 'models/digits', '--out', join(folder, 'out')];
    const limited = `ulimit -f 4; exec ${command.map((word) => `'${word}'`).join(' ')}`; // files of 4 blocks at most
    const { status, stderr } = spawnSync('bash', ['-c', limited], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: The system says: EFBIG: file too large, write\. Mend it.*\n$/);
    expect(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([]);
    expect(clapper(...command.slice(2))).toMatchObject({ status: 0, stderr: '' });
    rmSync(folder, { recursive: true });
  },
);

test('an unknown flag is wrong usage: exit 2, naming the nearest real one', () => {
  const { status, stdout, stderr } = clapper('train', '--preset', 'digits', '--out', 'x', '--resum');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe("error: unknown option '--resum'\n(Did you mean --resume?)\n");
});

test('a mistyped flag is named also where the flag meant is required', () => {
  const { status, stderr } = clapper('train', '--preset', 'digits', '--ot', 'x');
  expect({ status, stderr }).toEqual({ status: 2, stderr: "error: unknown option '--ot'\n(Did you mean --out?)\n" });
});

test('an unknown verb is wrong usage: exit 2, naming the nearest real one', () => {
  const { status, stdout, stderr } = clapper('evalute');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe("error: unknown command 'evalute'\n(Did you mean evaluate?)\n");
});

test('a missing flag is wrong usage, and no verb at all shows the help: exit 2', () => {
  expect(clapper('verify')).toMatchObject({
    status: 2,
    stderr: "error: required option '--bundle <folder>' not specified\n",
  });
  const { status, stderr } = clapper();
  expect(status).toBe(2);
  expect(stderr).toContain('Usage: clapper');
});

test("the caller's mistake is one line that starts with error:, without a stack: exit 1", () => {
  const { status, stdout, stderr } = clapper('verify', '--bundle', 'no/such/folder', '--json');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^error: .*no\/such\/folder/);
  expect(stderr).not.toMatch(/^ +at /m);
});

test('--version is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(clapper('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test('setup --json prints one object on stdout, and says what it did on stderr', () => {
  const { status, stdout, stderr } = clapper('setup', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    tensorflow: expect.any(String),
    device: expect.stringMatching(/^[cg]pu$/),
  });
  expect(stderr).toMatch(/^TensorFlow .* is set up/m);
});
