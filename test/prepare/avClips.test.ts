import { expect, test } from 'vitest';
import { parseSeconds } from '../../prepare/kinds/times.ts';
import { listCollection } from './support/collection.ts';

test.each([
  ['0.4', 0.4],
  ['0,4', 0.4],
  [' 3 ', 3],
  ['.5', 0.5],
  ['0.1s', 0.1],
  ['2 sec', 2],
  ['1.5 seconds', 1.5],
  ['400ms', 0.4],
  ['0:00.3', 0.3],
  ['1:02,5', 62.5],
  ['00:01:02', 62],
  ['1:00:00.25', 3600.25],
  ['-5', -5],
  ['−0.5', -0.5],
  ['5e-1', 0.5],
  ['', null],
  ['abc', null],
  ['1:75', null],
  ['1:61:00', null],
  ['1:2:3:4', null],
  ['12:30 pm', null],
  ['1.2.3', null],
  ['1,234.5', null],
  ['NaN', null],
  ['Infinity', null],
  ['1e400', null],
  ['20230101120000', null],
])('the time "%s" is %s', (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds);
});

const files = { 'a/1.wav': '', 'a/2.wav': '', 'f/1.jpg': '', 'f/2.jpg': '', 'f/3.jpg': '' };
const clips = 'id,audio_file\n1,a/1.wav\n2,a/2.wav\n';

test('rows whose time, clip or file cannot be read are refused, each by name', async () => {
  const frames = [
    'file,clip_id,time_s',
    ...['f/1.jpg,1,0:00.5', 'f/1.jpg,1,noon', 'f/2.jpg,2,', 'f/2.jpg,9,1', 'f/9.jpg,2,1', 'f/3.jpg,2,-1'],
  ].join('\n');
  const { items, skipped, notes } = await listCollection('av-clips', {
    ...files,
    'clips.csv': clips,
    'frames.csv': frames,
  });
  expect(
    items.map((item) => Reflect.get(item, 'pictures').map(({ timeSeconds }: { timeSeconds: number }) => timeSeconds)),
  ).toEqual([[0.5], [null]]);
  expect(skipped.map(({ file, reason, broken }) => `${file} ${broken ? 'broken' : 'unused'}: ${reason}`)).toEqual([
    'f/1.jpg broken: Row 3 of frames.csv has "noon" in the column time_s: expected seconds, or minutes and seconds.',
    'f/2.jpg broken: Row 5 of frames.csv names the clip "9", which is not in clips.csv.',
    'f/9.jpg broken: It stands in frames.csv but is not there.',
    'f/3.jpg unused: It was taken at -1 s, before the sound begins.',
  ]);
  expect(notes.join()).toContain('Frames without a time: 1.');
});

test('a frame that two rows name is named, for one clip would have it twice, or two clips', async () => {
  const { items, skipped } = await listCollection('av-clips', {
    ...files,
    'clips.csv': clips,
    'frames.csv': 'file,clip_id,time_s\nf/1.jpg,1,1\nf/1.jpg,1,1\nf/2.jpg,2,1\nf/2.jpg,1,1\nf/3.jpg,2,0\n',
  });
  expect(items.map(({ id, files }) => [id, files])).toEqual([
    ['1', 2],
    ['2', 3],
  ]);
  expect(skipped.map(({ file, reason }) => `${file}: ${reason}`)).toEqual([
    'f/1.jpg: Row 3 of frames.csv names the frame of row 2 once more.',
    'f/2.jpg: Row 5 of frames.csv names the frame of row 4 once more.',
  ]);
});

test('a row of more cells than its header has is refused: a comma without quotes has moved them', async () => {
  const { items, leftOut } = await listCollection('av-clips', {
    ...files,
    'clips.csv': 'id,audio_file,label\n1,a/1.wav,dog\n2,a/2.wav,dog, barking\n',
    'frames.csv': 'file,clip_id,time_s\nf/1.jpg,1,0.2\nf/2.jpg,1,0,4\nf/3.jpg,2,1,\n',
  });
  expect(items.map(({ id, files }) => [id, files])).toEqual([['1', 2]]);
  expect(leftOut).toMatchObject({
    'a/2.wav': 'Row 3 of clips.csv has 4 cells, where its header has 3.',
    'f/2.jpg': 'Row 3 of frames.csv has 4 cells, where its header has 3.',
  });
});

test('the tables are read as people write them', async () => {
  const { items, skipped } = await listCollection('av-clips', {
    ...files,
    'Clips.csv': '\ufeffID;Audio File\r\n1;a\\1.wav\r\n2;A\\2.WAV\r\n',
    'meta/frames.csv': 'clip_id\ttime_s\tfile\n1\t0,5\tf\\1.jpg\n2\t1\tf/2.JPG\n2\t2\tf/3.jpg\n',
  });
  expect(skipped).toEqual([]);
  expect(items.map(({ id, files }) => [id, files])).toEqual([
    ['1', 2],
    ['2', 3],
  ]);
});

test('a clip twice, one without frames and a file that no table names are named', async () => {
  const { leftOut } = await listCollection('av-clips', {
    ...files,
    'a/3.wav': '',
    'clips.csv': `${clips}2,a/3.wav\n`,
    'frames.csv': 'file,clip_id,time_s\nf/2.jpg,2,1\n',
    'notes.md': 'mine',
  });
  expect(leftOut).toEqual({
    'a/3.wav': 'Row 4 of clips.csv has the id 2 of row 3.',
    'a/1.wav': 'No frame in frames.csv that can be used is of it.',
    'f/1.jpg': 'Neither table names it.',
    'f/3.jpg': 'Neither table names it.',
    'notes.md': 'It is text, and no picture.',
  });
});

test('missing columns are named, with those that are there', async () => {
  const attempt = listCollection('av-clips', {
    ...files,
    'clips.csv': clips,
    'frames.csv': 'file,clip,time\nf/1.jpg,1,1\n',
  });
  await expect(attempt).rejects.toThrow(/clip_id, time_s are missing; it has file, clip, time/);
});
