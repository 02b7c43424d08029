import { expect, test } from 'vitest';
import { listCollection } from './support/collection.ts';

/** Files below a folder each, `count` of them. */
function photos(...folders: string[]): string[] {
  return folders.flatMap((folder) => [0, 1].map((i) => `${folder}/${i}.jpg`));
}

/** What all files of a folder have in common, by the folder. */
async function labelsOf(files: string[], kind: 'imagenet-val' | 'esc50' = 'imagenet-val') {
  const { labels } = await listCollection(kind, files);
  return Object.fromEntries(Object.entries(labels).map(([id, label]) => [id.replace(/\/[^/]*$/, ''), label]));
}

test.each<[string, Record<string, string>]>([
  ['one folder a class', { cat: 'cat', dog: 'dog' }],
  ['in a folder around them all', { 'animals-10/raw-img/cat': 'cat', 'animals-10/raw-img/dog': 'dog' }],
  ['split, then class', { 'train/cat': 'cat train', 'train/dog': 'dog train', 'val/cat': 'cat validation' }],
  ['class, then split', { 'cat/train': 'cat train', 'cat/test': 'cat test', 'dog/train': 'dog train' }],
  [
    'splits in other words',
    { 'Training/a': 'a train', 'Training/b': 'b train', 'testing_set/a': 'a test', 'valid/a': 'a validation' },
  ],
  [
    'splits with what they hold',
    { 'train_images/a': 'a train', 'test_images/a': 'a test', 'images-val/b': 'b validation' },
  ],
  ['splits with a year', { 'train2017/a': 'a train', 'val2017/a': 'a validation', 'val2017/b': 'b validation' }],
  [
    'a folder of images below each class, as in Tiny ImageNet',
    { 'train/n01/images': 'n01 train', 'train/n02/images': 'n02 train' },
  ],
  ['a folder of images above the classes', { 'images/cat': 'cat', 'images/dog': 'dog' }],
  ['a folder of images above the splits', { 'data/images/train/cat': 'cat train', 'data/images/test/dog': 'dog test' }],
  ['a folder of images between split and class', { 'train/images/cat': 'cat train', 'train/images/dog': 'dog train' }],
  ['classes that are numbers', { 'train/0': '0 train', 'train/1': '1 train', 'train/10': '10 train' }],
  ['folds, then classes', { 'fold1/cat': 'cat fold 1', 'fold2/dog': 'dog fold 2', 'fold3/cat': 'cat fold 3' }],
  ['classes, then folds', { 'cat/fold_1': 'cat fold 1', 'dog/fold_2': 'dog fold 2' }],
  ['folds from 0', { 'fold0/cat': 'cat fold 1', 'fold1/dog': 'dog fold 2' }],
  ['files beside folders of a class', { cat: 'cat', 'cat/more': 'cat', 'cat/more/still': 'cat', dog: 'dog' }],
  ['classes in groups', { 'birds/crow': 'crow', 'birds/owl': 'owl', 'mammals/dog': 'dog' }],
  ['classes in groups, one of them alone', { 'birds/crow': 'crow', 'birds/owl': 'owl', rain: 'rain' }],
  ['a class called train beside others', { train: 'train', airplane: 'airplane', helicopter: 'helicopter' }],
  [
    'a class called train in splits',
    { 'test/train': 'train test', 'test/bus': 'bus test', 'train/train': 'train train', 'train/bus': 'bus train' },
  ],
  ['a class called photos beside others', { photos: 'photos', drawings: 'drawings', prints: 'prints' }],
  ['names with spaces and other letters', { 'große Katze': 'große Katze', 犬: '犬' }],
])('photos are labelled by folders: %s', async (_, expected) => {
  expect(await labelsOf(photos(...Object.keys(expected)))).toEqual(expected);
});

test('composed and decomposed letters name one class', async () => {
  const { categories } = await listCollection('imagenet-val', photos('train/K\u00f6ln', 'val/Ko\u0308ln', 'train/b'));
  expect(categories).toEqual(['K\u00f6ln', 'b'].sort());
});

test('classes that are numbers come in their order', async () => {
  expect((await listCollection('imagenet-val', photos('9', '10', '1'))).categories).toEqual(['1', '9', '10']);
});

test('folders of the same names in several folders are refused, until it is said which is the class', async () => {
  const files = photos('amazon/mug', 'amazon/pen', 'webcam/mug', 'webcam/pen');
  await expect(listCollection('imagenet-val', files)).rejects.toThrow(/amazon\/mug, webcam\/mug.*--class-folder inner/);
  expect((await listCollection('imagenet-val', files, { classFolder: 'inner' })).categories).toEqual(['mug', 'pen']);
  expect((await listCollection('imagenet-val', files, { classFolder: 'outer' })).categories).toEqual([
    'amazon',
    'webcam',
  ]);
});

test.each([
  ['photos in one folder that only says so', photos('images')],
  ['photos in no folder', ['0.jpg', '1.jpg']],
  ['photos in splits alone', photos('train', 'test')],
])('%s have no class: that is refused', async (_, files) => {
  await expect(listCollection('imagenet-val', files)).rejects.toThrow(/Expected labelled pictures .* but found none/);
});

test('photos in a folder that says that they have no class are named', async () => {
  const { leftOut, categories } = await listCollection('imagenet-val', photos('train/cat', 'train/dog', 'unlabeled'));
  expect(categories).toEqual(['cat', 'dog']);
  expect(Object.keys(leftOut)).toEqual(['unlabeled/0.jpg', 'unlabeled/1.jpg']);
});

test('a photo beside the folders of classes is named', async () => {
  const { leftOut, labels } = await listCollection('imagenet-val', [...photos('cat', 'dog'), 'cover.jpg']);
  expect(leftOut).toEqual({ 'cover.jpg': 'It lies in no folder that names a class.' });
  expect(Object.keys(labels)).toHaveLength(4);
});

test('where folders, or a folder and a table, name two splits, it is said which counts', async () => {
  const nested = await listCollection(
    'imagenet-val',
    photos('dev_data/fan/train', 'dev_data/fan/test', 'dev_data/pump/test'),
  );
  expect(nested.labels['dev_data/fan/train/0.jpg']).toBe('fan train');
  expect(nested.notes.join()).toMatch(/two splits or folds the inner one counts: .*dev_data\/fan\/train/);
  const table = 'file,class,split\ntrain/cat/0.jpg,cat,test\n';
  const { labels, notes } = await listCollection('imagenet-val', {
    ...Object.fromEntries(photos('train/cat', 'train/dog', 'test/dog').map((name) => [name, ''])),
    'table.csv': table,
  });
  expect(labels['train/cat/0.jpg']).toBe('cat test');
  expect(notes.join()).toMatch(/split of 1 files is the table's, though their folder names another: train\/cat\/0.jpg/);
});

test('one class only is said', async () => {
  const { notes } = await listCollection('imagenet-val', photos('cat'));
  expect(notes.join()).toContain('one class only: cat');
});

test('a class that one table writes 1 and another 1.0 is said to look like one', async () => {
  const { notes } = await listCollection('imagenet-val', {
    ...{ 'a.jpg': '', 'b.jpg': '', 'c.jpg': '', 'd.jpg': '' },
    'one.csv': 'file,class\na.jpg,1\nb.jpg,2\n',
    'two.csv': 'file,class\nc.jpg,1.0\nd.jpg,2.0\n',
  });
  expect(notes.join()).toMatch(/classes 1 and 1\.0 are kept apart, though they look like one/);
});

test('classes that differ in upper and lower case are kept apart, and said', async () => {
  const { notes, categories } = await listCollection('imagenet-val', photos('train/Cat', 'val/cat', 'val/dog'));
  expect(categories).toEqual(['Cat', 'cat', 'dog']);
  expect(notes.join()).toMatch(/Cat and cat are kept apart/);
});

test('Tiny ImageNet: training by folders, validation by its table', async () => {
  const { labels, categories } = await listCollection('imagenet-val', {
    'train/n01/images/n01_0.JPEG': '',
    'train/n02/images/n02_0.JPEG': '',
    'train/n01/n01_boxes.txt': 'n01_0.JPEG\t0\t0\t62\t62\n',
    'val/images/val_0.JPEG': '',
    'val/images/val_1.JPEG': '',
    'val/val_annotations.txt': 'val_0.JPEG\tn02\t0\t0\t1\t1\nval_1.JPEG\tn01\t0\t0\t1\t1\n',
    'wnids.txt': 'n01\nn02\n',
    'words.txt': 'n01\ta fish\nn02\ta newt\n',
    'test/images/test_0.JPEG': '',
  });
  expect(categories).toEqual(['n01', 'n02']);
  expect(labels).toEqual({
    'train/n01/images/n01_0.JPEG': 'n01 train',
    'train/n02/images/n02_0.JPEG': 'n02 train',
    'val/images/val_0.JPEG': 'n02 validation',
    'val/images/val_1.JPEG': 'n01 validation',
  });
});

test('UrbanSound8K: classes and folds from its table, wherever it lies', async () => {
  const table =
    'slice_file_name,fsID,start,end,salience,fold,classID,class\n1-3-0-0.wav,1,0,4,1,1,3,dog_bark\n2-1-0-0.wav,2,0,4,1,2,1,car_horn\n';
  for (const place of ['metadata', 'UrbanSound8K/metadata', '.']) {
    const { labels, categories } = await listCollection('esc50', {
      'audio/fold1/1-3-0-0.wav': '',
      'audio/fold2/2-1-0-0.wav': '',
      [`${place}/UrbanSound8K.csv`]: table,
    });
    expect(labels).toEqual({ 'audio/fold1/1-3-0-0': 'dog_bark fold 1', 'audio/fold2/2-1-0-0': 'car_horn fold 2' });
    expect(categories).toEqual(['car_horn', 'dog_bark']);
  }
});

test('folders of classes with a table that says the folds alone', async () => {
  const { labels } = await listCollection('esc50', {
    'cat/0.wav': '',
    'dog/0.wav': '',
    'folds.csv': 'file,fold\ncat/0.wav,1\ndog/0.wav,2\n',
  });
  expect(labels).toEqual({ 'cat/0': 'cat fold 1', 'dog/0': 'dog fold 2' });
});

test('sounds with neither fold nor split are refused by name where either is needed', async () => {
  const files = { 'a.wav': '', 'b.wav': '', 't.csv': 'file,class,fold\na.wav,cat,1\nb.wav,dog,\n' };
  await expect(listCollection('esc50', files)).rejects.toThrow(/a fold or split for each sound.*but b.wav has neither/);
});

test('pairs of a sound and a picture lie side by side, or in folders that only say what they hold', async () => {
  const { labels, skipped } = await listCollection('flickr-soundnet', [
    ...['a.jpg', 'a.wav', 'b.JPG', 'B.wav', 'clip/c.png', 'clip/c.mp3'],
    ...['images/d.jpg', 'audio/d.ogg', 'train/frames/e.jpg', 'train/audio/e.wav'],
    ...['Ko\u0308ln.jpg', 'K\u00f6ln.wav'],
  ]);
  expect(skipped).toEqual([]);
  expect(labels).toEqual({ a: '', b: '', 'clip/c': '', 'images/d': '', 'train/frames/e': 'train', 'K\u00f6ln': '' });
});
