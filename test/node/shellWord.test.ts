import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '#node/shellWord.ts';

test('whatever a folder is called, a shell reads its word as one, as it was; a plain name stays plain', () => {
  const names = [
    'my runs/ünï',
    "it's",
    '$HOME `ls` "x"',
    'a\\b',
    'line\nbreak',
    '*',
    '~/x',
    '',
    'tab\there',
    'a;b&c|d',
    '!x',
    '#x',
  ];
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${names.map(shellWord).join(' ')}`], { encoding: 'utf8' });
  expect(printed.split('\0').slice(0, -1)).toEqual(names);
  for (const plain of ['runs/digits', './models/猫-2', 'a_b.c@1:2,3%+=']) expect(shellWord(plain)).toBe(plain);
});
