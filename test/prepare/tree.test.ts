import { execFileSync } from 'node:child_process';
import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { openTree, readRef } from '../../prepare/files/tree.ts';
import { kinds } from '../../prepare/kinds/index.ts';
import { listCollection, withCollection } from './support/collection.ts';
import { picture, put, tone } from './support/media.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-tree-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A collection of two photos in two classes. */
const photos = { 'cat/0.jpg': '', 'dog/0.jpg': '' };

async function listedIn(root: string) {
  const { files, skipped } = await openTree(root);
  return { names: [...files.keys()], skipped: skipped.map(({ file }) => file).sort() };
}

test.each([
  ['to the folder itself', 'all', '.'],
  ['to a folder above it', 'cat/all', '../..'],
  ['to the folder above the collection', 'latest', '..'],
  ['to a folder beside it', 'again', 'cat'],
  ['to a file', 'cat/again.jpg', '0.jpg'],
  ['that comes before what it leads to', '0', 'dog'],
])('a link %s is not followed twice, and named', (_, link, target) =>
  withCollection(photos, async (root) => {
    symlinkSync(target, join(root, link));
    const { names, skipped } = await listedIn(root);
    expect(names).toEqual(['cat/0.jpg', 'dog/0.jpg']);
    expect(skipped).toEqual([link]);
  }),
);

test('links that lead in circles end', () =>
  withCollection(photos, async (root) => {
    for (const name of ['x', 'y', 'cat/z']) symlinkSync(root, join(root, name));
    symlinkSync('circle', join(root, 'circle'));
    const { names, skipped } = await listedIn(root);
    expect(names).toHaveLength(2);
    expect(skipped).toEqual(['cat/z', 'circle', 'x', 'y']);
  }));

test('links to other places are followed, each place once', () =>
  withCollection({ 'far/bird/0.jpg': '', 'far/bird/1.jpg': '', 'far/one.jpg': '' }, (far) =>
    withCollection(photos, async (root) => {
      symlinkSync(join(far, 'far/bird'), join(root, 'bird'));
      symlinkSync(join(far, 'far'), join(root, 'everything'));
      symlinkSync(join(far, 'far/one.jpg'), join(root, 'cat/one.jpg'));
      const { names, skipped } = await listedIn(root);
      expect(names).toEqual(['bird/0.jpg', 'bird/1.jpg', 'cat/0.jpg', 'cat/one.jpg', 'dog/0.jpg']);
      expect(skipped).toEqual(['everything/bird/', 'everything/one.jpg']);
    }),
  ));

test('a link that leads nowhere, a pipe and a folder that cannot be listed are named', () =>
  withCollection(photos, async (root) => {
    symlinkSync('/nowhere/at/all', join(root, 'lost.jpg'));
    execFileSync('mkfifo', [join(root, 'pipe.jpg')]);
    const { names, skipped } = await listedIn(root);
    expect(names).toHaveLength(2);
    expect(skipped).toEqual(['lost.jpg', 'pipe.jpg']);
  }));

const leftovers = {
  'cat/._0.jpg': '\0\x05\x16\x07', // a Mac's second half of a file
  '__MACOSX/cat/._0.jpg': '\0\x05\x16\x07',
  '.DS_Store': '\0\0\0\x01Bud1',
  'cat/Thumbs.db': '\xd0\xcf\x11\xe0',
  'desktop.ini': '[.ShellClassInfo]',
  '@eaDir/0.jpg': '',
  '.git/HEAD': 'ref: refs/heads/main',
  '.ipynb_checkpoints/labels.csv': 'file,class\n',
  '~$labels.xlsx': '',
  'labels.csv~': 'file,class\n',
};

test('what systems leave behind is passed over by one rule in folders and in tars, and named', () =>
  withCollection({ ...photos, ...leftovers }, async (root) => {
    const unpacked = await listedIn(root);
    const packed = join(folder, 'packed');
    put(join(packed, 'x'), '');
    rmSync(join(packed, 'x'));
    execFileSync('tar', ['cf', join(packed, 'photos.tar'), '-C', root, '.']);
    expect(await listedIn(packed)).toEqual(unpacked);
    expect(unpacked.names).toEqual(['cat/0.jpg', 'dog/0.jpg']);
    expect(unpacked.skipped).toEqual([
      '.DS_Store',
      '.git/',
      '.ipynb_checkpoints/',
      '@eaDir/',
      '__MACOSX/',
      'cat/._0.jpg',
      'cat/Thumbs.db',
      'desktop.ini',
      'labels.csv~',
      '~$labels.xlsx',
    ]);
  }));

test('a tar that is cut short, and links in tars, are named', () =>
  withCollection({ 'cat/0.jpg': tone(), 'dog/0.jpg': tone() }, async (root) => {
    symlinkSync('0.jpg', join(root, 'cat/1.jpg'));
    linkSync(join(root, 'dog/0.jpg'), join(root, 'dog/1.jpg'));
    const whole = execFileSync('tar', ['cf', '-', '-C', root, 'cat', 'dog'], { maxBuffer: 1e9 });
    const at = (name: string, bytes: Uint8Array) => put(join(folder, name, 'set.tar'), bytes);
    at('whole', whole);
    at('cut', whole.subarray(0, 70_000));
    expect(await listedIn(join(folder, 'whole'))).toEqual({
      names: ['cat/0.jpg', 'dog/0.jpg', 'dog/1.jpg'], // a hard link is a file like any other
      skipped: ['cat/1.jpg'],
    });
    expect(await listedIn(join(folder, 'cut'))).toEqual({ names: ['cat/0.jpg'], skipped: ['cat/1.jpg', 'set.tar'] });
  }));

/** What `tar` makes of a folder, with these options. */
function pack(root: string, ...options: string[]): Buffer {
  return execFileSync('tar', ['c', ...options, '-f', '-', '-C', root, '.'], { maxBuffer: 1e9 });
}

/** By name, what the members of a tar are read as, and what is said of it. */
const listTarred = (bytes: Uint8Array) =>
  withCollection({ 'set.tar': bytes }, async (root) => {
    const { files, skipped } = await openTree(root);
    const read = Array.from(files.values(), async (file) => [file.name, (await readRef(file)).toString()] as const);
    return { read: Object.fromEntries(await Promise.all(read)), skipped };
  });

const longName = `${'deep/'.repeat(30)}${'long'.repeat(30)}.jpg`;
const packed = { 'cat/0.jpg': 'one', 'cat/ä b.jpg': 'two', [longName]: 'three', 'dog/0.jpg': 'x'.repeat(70_000) };

test.each([['gnu'], ['pax'], ['ustar'], ['oldgnu'], ['v7']])(
  'a tar of the format %s is what it is unpacked',
  (format) =>
    withCollection(format === 'v7' || format === 'ustar' ? { ...packed, [longName]: '' } : packed, async (root) => {
      if (format === 'v7' || format === 'ustar') rmSync(join(root, 'deep'), { recursive: true }); // have no room for it
      const { read, skipped } = await listTarred(pack(root, `--format=${format}`));
      const { [longName]: long, ...others } = packed;
      expect(read).toEqual(format === 'v7' || format === 'ustar' ? others : { ...others, [longName]: long });
      expect(skipped).toEqual([]);
    }),
);

test('tars behind one another are read as one; of a member that comes twice the last counts, as unpacking leaves it', () =>
  withCollection({ 'cat/0.jpg': 'old', 'cat/1.jpg': 'one' }, (first) =>
    withCollection({ 'cat/0.jpg': 'new', 'dog/2.jpg': 'two' }, async (second) => {
      const { read, skipped } = await listTarred(Buffer.concat([pack(first), pack(second)]));
      expect(read).toEqual({ 'cat/0.jpg': 'new', 'cat/1.jpg': 'one', 'dog/2.jpg': 'two' });
      expect(skipped).toEqual([expect.objectContaining({ file: 'set.tar: cat/0.jpg', broken: false })]);
    }),
  ));

test('what of a tar cannot be read is named, and ends no run', () =>
  withCollection(packed, async (root) => {
    execFileSync('truncate', ['-s', '1M', join(root, 'dog/1.jpg')]);
    symlinkSync('../elsewhere.jpg', join(root, 'dog/2.jpg'));
    const whole = pack(root, '--format=gnu', '--sparse', '--sort=name');
    const { read, skipped } = await listTarred(whole);
    expect(read).toEqual(packed);
    expect(skipped.map(({ file, reason, broken }) => [file, reason, broken])).toEqual([
      ['dog/1.jpg', expect.stringMatching(/zeros left out. Pack it without --sparse/), true],
      ['dog/2.jpg', 'It is a link to what is not in the archive.', true],
    ]);
    const damaged = Buffer.from(whole);
    damaged.fill(7, whole.indexOf('./dog/0.jpg'), whole.indexOf('./dog/0.jpg') + 20);
    const rest = await listTarred(damaged);
    expect(Object.keys(rest.read)).toHaveLength(3);
    expect(rest.skipped).toEqual([
      {
        file: 'set.tar',
        reason: expect.stringMatching(/damaged: what comes, from byte \d+ on, is not read/),
        broken: true,
      },
    ]);
    const behind = await listTarred(Buffer.concat([pack(root), Buffer.alloc(512, 'rubbish')]));
    expect(behind.skipped.map(({ file, reason }) => `${file}: ${reason}`)).toContainEqual(
      expect.stringMatching(/set.tar: What stands behind its end, from byte \d+ on, is not read/),
    );
  }));

test('a tar that claims more than it has costs nothing', () =>
  withCollection({ 'cat/0.jpg': 'one' }, async (root) => {
    const bytes = pack(root, '--format=gnu');
    const start = bytes.indexOf('./cat/0.jpg');
    bytes.write('77777777777\0', start + 124, 'latin1'); // 8 GB
    bytes.fill(0x20, start + 148, start + 156);
    const sum = bytes.subarray(start, start + 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, start + 148, 'latin1');
    const { read, skipped } = await listTarred(bytes);
    expect(read).toEqual({});
    expect(skipped).toEqual([expect.objectContaining({ reason: expect.stringMatching(/cut short in .*cat\/0.jpg/) })]);
  }));

test('other archives are named, with what to do', async () => {
  const zip = Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64');
  const { leftOut } = await listCollection('imagenet-val', {
    ...photos,
    'more.zip': zip,
    'more.tar.gz': Buffer.from('1f8b0800', 'hex'),
  });
  expect(leftOut['more.zip']).toMatch(/archive \(ZIP\). Unpack it/);
  expect(leftOut['more.tar.gz']).toMatch(/archive \(GZ\). Unpack it/);
});

test('the bytes decide what a file is, not its ending', async () => {
  const jpeg = await picture('teal');
  const png = await sharp(jpeg).png().toBuffer();
  const gif = await sharp(jpeg).gif().toBuffer();
  const files = {
    'cat/a.jfif': jpeg,
    'cat/b.jpe': jpeg,
    'cat/c.JPG': png,
    'cat/d': png,
    'cat/e.dat': await sharp(jpeg).webp().toBuffer(),
    'dog/a.jpg': jpeg,
    'dog/b.gif': gif,
    'dog/c.jpg': gif,
    'dog/d.jpg': tone(),
    'dog/e.txt': 'a dog',
    'dog/f.bin': Buffer.from([1, 2, 3, 4]),
    'dog/empty.txt': '',
    'dog/g.jpg': 'Not found',
  };
  const { labels, leftOut } = await listCollection('imagenet-val', files);
  // What claims to be a picture and is nothing else either is tried: decoding says what is wrong with it.
  expect(Object.keys(labels)).toEqual([
    'cat/a.jfif',
    'cat/b.jpe',
    'cat/c.JPG',
    'cat/d',
    'cat/e.dat',
    'dog/a.jpg',
    'dog/g.jpg',
  ]);
  expect(leftOut).toEqual({
    'dog/b.gif': 'It is a picture in GIF; JPEG, PNG and WebP are read.',
    'dog/c.jpg': 'It is a picture in GIF; JPEG, PNG and WebP are read.',
    'dog/d.jpg': 'It is a sound (WAV), and no picture.',
    'dog/e.txt': 'It is text, and no picture.',
    'dog/empty.txt': 'It is empty.',
    'dog/f.bin': 'It is nothing known, and no picture.',
  });
});

test('a file that changes after listing is noticed', () =>
  withCollection({ 'cat/0.jpg': 'one', 'dog/0.jpg': 'two' }, async (root) => {
    const heads = async () =>
      (await kinds['imagenet-val'].list([root], { categoriesFile: null })).items.map((item) => JSON.stringify(item));
    const before = await heads();
    writeFileSync(join(root, 'cat/0.jpg'), 'six');
    expect(await heads()).not.toEqual(before);
  }));
