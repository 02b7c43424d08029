import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { columnNames } from '../../prepare/files/columns.ts';
import { parsePart } from '../../prepare/files/parts.ts';
import { listCollection } from './support/collection.ts';

const photos = ['images/0.jpg', 'images/1.jpg', 'images/2.jpg'];
const expected = { 'images/0.jpg': 'cat', 'images/1.jpg': 'dog', 'images/2.jpg': 'bird' };

/** Three photos in one folder, and a table. */
function withTable(table: string | Uint8Array, name = 'labels.csv', files = photos) {
  return listCollection('imagenet-val', { ...Object.fromEntries(files.map((file) => [file, ''])), [name]: table });
}

const utf16 = (text: string, isBig: boolean) => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};
const plain = 'filename,category\n0.jpg,cat\n1.jpg,dog\n2.jpg,bird\n';

describe('a table of labels is read', () => {
  test.each<[string, string | Uint8Array, string?]>([
    ['with commas', plain],
    ['with semicolons', plain.replaceAll(',', ';')],
    ['with tabs', plain.replaceAll(',', '\t'), 'labels.tsv'],
    ['with bars', plain.replaceAll(',', '|')],
    ['with tabs, called .csv', plain.replaceAll(',', '\t')],
    ['with semicolons and decimal commas', 'filename;score;category\n0.jpg;0,5;cat\n1.jpg;1,5;dog\n2.jpg;0,25;bird\n'],
    ["with Excel's line about the delimiter", `sep=;\r\n${plain.replaceAll(',', ';').replaceAll('\n', '\r\n')}`],
    ['with a mark of UTF-8 in front', `\ufeff${plain}`],
    ['in UTF-16, little end first', utf16(plain, false)],
    ['in UTF-16, big end first', utf16(plain, true)],
    ['in UTF-16 without a mark', utf16(plain, false).subarray(2)],
    ['with line ends of Windows', plain.replaceAll('\n', '\r\n')],
    ['with line ends of old Macs', plain.replaceAll('\n', '\r')],
    ['with spaces around its cells', 'filename , category\n 0.jpg , cat \n 1.jpg, dog\n2.jpg ,bird\n'],
    ['with quotes', '"filename","category"\n"0.jpg","cat"\n"1.jpg", "dog"\n"2.jpg","bird"\n'],
    ['with empty lines and cells at the end', `${plain}\n,,\n`],
    [
      'with quoted commas and line ends',
      'filename,note,category\n0.jpg,"a, b",cat\n1.jpg,"two\nlines",dog\n2.jpg,"a ""b""",bird\n',
    ],
    [
      'with an apostrophe or inches in a cell',
      'filename,note,category\n0.jpg,5" long,cat\n1.jpg,dog\'s,dog\n2.jpg,,bird\n',
    ],
    ['of ids', 'id,label\n0,cat\n1,dog\n2,bird\n'],
    ['with a pandas index', ',filename,label\n0,0.jpg,cat\n1,1.jpg,dog\n2,2.jpg,bird\n'],
    ['with the folder in the name', 'path,class\nimages/0.jpg,cat\nimages/1.jpg,dog\nimages/2.jpg,bird\n'],
    ['with ./ before the name', 'path,class\n./images/0.jpg,cat\n./images/1.jpg,dog\n./images/2.jpg,bird\n'],
    [
      'with the paths of another machine',
      'path,class\n/home/x/set/images/0.jpg,cat\n/home/x/set/images/1.jpg,dog\n/home/x/set/images/2.jpg,bird\n',
    ],
    [
      'with the paths of a Windows machine',
      'path,class\nC:\\x\\images\\0.jpg,cat\nC:\\x\\images\\1.jpg,dog\nC:\\x\\images\\2.jpg,bird\n',
    ],
    ['with names in capitals', 'File Name,CLASS\n0.JPG,cat\n1.JPG,dog\n2.JPG,bird\n'],
    ['with other endings', 'file,class\n0.png,cat\n1.png,dog\n2.png,bird\n'],
    [
      'of JSON lines',
      '{"file_name": "0.jpg", "label": "cat"}\n{"file_name": "1.jpg", "label": "dog"}\n{"file_name": "2.jpg", "label": "bird"}\n',
      'metadata.jsonl',
    ],
    [
      'of a JSON array',
      '[{"image": "0.jpg", "label": "cat"}, {"image": "1.jpg", "label": "dog"}, {"image": "2.jpg", "label": "bird"}]',
      'labels.json',
    ],
    ['of a JSON object by name', '{"0.jpg": "cat", "1.jpg": "dog", "2.jpg": "bird"}', 'labels.json'],
    [
      'of a JSON object of objects by name',
      '{"0.jpg": {"label": "cat"}, "1.jpg": {"label": "dog"}, "2.jpg": {"label": "bird"}}',
      'labels.json',
    ],
    ['with comments above', `# made by me\n# on a Monday, at home\n${plain}`],
    ['whose header begins with #', `#${plain}`],
    ['with comments above its header, which begins with #', `# made by me\n#${plain}`],
    ['of another ending', plain.replaceAll(',', '\t'), 'labels.lst'],
    ['without an ending', '0.jpg cat\n1.jpg dog\n2.jpg bird\n', 'labels'],
    ['with the same column twice', 'file,label,label\n0.jpg,cat,cat\n1.jpg,dog,dog\n2.jpg,bird,bird\n'],
    ['without a header', '0.jpg,cat\n1.jpg,dog\n2.jpg,bird\n'],
    ['without a header, parted by spaces', '0.jpg cat\n1.jpg dog\n2.jpg bird\n', 'labels.txt'],
    ['beside the photos', plain, 'images/labels.csv'],
    ['in a folder of its own', plain, 'annotations/deeper/labels.csv'],
  ])('%s', async (_, table, name) => {
    const { labels, skipped } = await withTable(table, name);
    expect(labels).toEqual(expected);
    expect(skipped).toEqual([]);
  });

  test.each([
    ['file', 'class'],
    ['FileName', 'Label'],
    ['file_name', 'species'],
    ['Image', 'Category'],
    ['img', 'target'],
    ['Image Path', 'class_name'],
    ['fname', 'breed'],
    ['slice_file_name', 'class'],
    ['image_id', 'label'],
    ['name', 'label'],
    ['id', 'name'],
  ])('whose columns are %s and %s', async (file, category) => {
    const { labels } = await withTable(plain.replace('filename,category', `${file},${category}`));
    expect(labels).toEqual(expected);
  });

  test('whose ids have lost their zeros in a spreadsheet', async () => {
    const { labels } = await withTable('id,label\n7,cat\n42,dog\n', 'labels.csv', ['007.jpg', '042.jpg']);
    expect(labels).toEqual({ '007.jpg': 'cat', '042.jpg': 'dog' });
  });

  test.each([
    ['composed in the table, decomposed on disk', 'K\u00f6ln.jpg', 'Ko\u0308ln.jpg'],
    ['decomposed in the table, composed on disk', 'Ko\u0308ln.jpg', 'K\u00f6ln.jpg'],
    ['encoded as in an address', 'K%C3%B6ln%20Dom.jpg', 'Köln Dom.jpg'],
  ])('whose names are %s', async (_, written, onDisk) => {
    const { labels } = await withTable(`file,class\n${written},cat\nb.jpg,dog\n`, 'labels.csv', [onDisk, 'b.jpg']);
    expect(Object.values(labels).sort()).toEqual(['cat', 'dog']);
  });

  test('in Windows-1252, which is said', async () => {
    const table = Buffer.from('file,class\nKöln.jpg,cat\nb.jpg,dog\n', 'latin1');
    const { labels, notes } = await withTable(table, 'labels.csv', ['Köln.jpg', 'b.jpg']);
    expect(labels).toEqual({ 'Köln.jpg': 'cat', 'b.jpg': 'dog' });
    expect(notes.join()).toContain('Windows-1252');
  });

  test('with the number of each class, which is the order of the classes', async () => {
    const { categories } = await withTable('file,label,class\n0.jpg,2,cat\n1.jpg,0,dog\n2.jpg,1,bird\n');
    expect(categories).toEqual(['dog', 'bird', 'cat']);
  });

  test('whose classes are numbers, in the order of the numbers', async () => {
    expect((await withTable('file,label\n0.jpg,10\n1.jpg,9\n2.jpg,0\n')).categories).toEqual(['0', '9', '10']);
  });

  test('that names files of the same name, in folders that its other cells tell apart', async () => {
    const files = ['cat/0.jpg', 'dog/0.jpg', 'fold3/x.jpg', 'fold4/x.jpg'];
    const table = 'file,class,fold\n0.jpg,cat,1\n0.jpg,dog,2\nx.jpg,cat,3\nx.jpg,dog,4\n';
    const { labels } = await withTable(table, 'labels.csv', files);
    expect(labels).toEqual({
      'cat/0.jpg': 'cat fold 1',
      'dog/0.jpg': 'dog fold 2',
      'fold3/x.jpg': 'cat fold 3',
      'fold4/x.jpg': 'dog fold 4',
    });
  });

  test('that names sounds and pictures', async () => {
    const files = { 'a.jpg': '', 'a.wav': '', 'b.jpg': '', 't.csv': 'file,class\na.jpg,cat\na.wav,dog\nb.jpg,bird\n' };
    const { labels, leftOut } = await listCollection('imagenet-val', files);
    expect(labels).toEqual({ 'a.jpg': 'cat', 'b.jpg': 'bird' });
    expect(Object.keys(leftOut)).toEqual(['a.wav']);
  });

  test('with columns that are not read: they are named', async () => {
    const { notes } = await withTable('file,class,width,author\n0.jpg,cat,1,x\n1.jpg,dog,1,x\n2.jpg,bird,1,x\n');
    expect(notes.join()).toContain('not read: width, author');
  });
});

describe('parts of a set', () => {
  test.each([
    ['from 0, as programs count', ['0', '1', '2'], [1, 2, 3]],
    ['from 1', ['1', '2', '3'], [1, 2, 3]],
    ['with a decimal point', ['1.0', '2.0', '3.0'], [1, 2, 3]],
    ['with a word', ['fold1', 'fold2', 'fold3'], [1, 2, 3]],
    ['with a word and a space', ['Fold 01', 'Fold 02', 'Fold 03'], [1, 2, 3]],
    ['with words, from 0', ['fold_0', 'fold_1', 'fold_2'], [1, 2, 3]],
  ])('folds are read %s', async (_, cells, folds) => {
    const rows = cells.map((fold, i) => `${i}.jpg,x${i},${fold}\n`).join('');
    const { items, notes } = await withTable(`file,class,fold\n${rows}`);
    expect(items.map(({ fold }) => fold)).toEqual(folds);
    expect(notes.join().includes('counted from 1')).toBe(/^\D*0$/.test(cells[0] as string));
  });

  test.each([
    ['split', 'train', 'val', 'test'],
    ['Set', 'Training', 'Validation', 'Testing'],
    ['subset', 'TRAIN', 'dev', 'eval'],
    ['partition', 'train_set', 'valid', 'evaluation'],
    ['fold', 'train', 'validation', 'test'],
    ['data split', 'train2017', 'val2017', 'test2017'],
  ])('splits are read from the column %s: %s, %s, %s', async (column, ...names) => {
    const rows = names.map((name, i) => `${i}.jpg,x${i},${name}\n`).join('');
    const { items } = await withTable(`file,class,${column}\n${rows}`);
    expect(items.map(({ split }) => split)).toEqual(['train', 'validation', 'test']);
  });

  test('splits are read from a column of any name that holds nothing else', async () => {
    const { items, notes } = await withTable('file,class,dataset\n0.jpg,a,train\n1.jpg,b,val\n2.jpg,c,test\n');
    expect(items.map(({ split }) => split)).toEqual(['train', 'validation', 'test']);
    expect(notes.join()).toContain('the split from dataset');
  });

  test('a column of splits may hold folds', async () => {
    const { items } = await withTable('file,class,split\n0.jpg,a,1\n1.jpg,b,2\n2.jpg,c,3\n');
    expect(items.map(({ fold }) => fold)).toEqual([1, 2, 3]);
  });

  test('tables are named after splits, and files lie in one folder', async () => {
    const { labels } = await listCollection('imagenet-val', {
      'images/0.jpg': '',
      'images/1.jpg': '',
      'train.csv': 'file,class\n0.jpg,cat\n',
      'test.csv': 'file,class\n1.jpg,dog\n',
    });
    expect(labels).toEqual({ 'images/0.jpg': 'cat train', 'images/1.jpg': 'dog test' });
  });

  test('lists of names are named after splits, as in Speech Commands; the folders name the classes', async () => {
    const { labels } = await listCollection('imagenet-val', {
      'yes/0.jpg': '',
      'no/0.jpg': '',
      'no/1.jpg': '',
      'testing_list.txt': 'yes/0.jpg\nno/1.jpg\n',
    });
    expect(labels).toEqual({ 'yes/0.jpg': 'yes test', 'no/0.jpg': 'no', 'no/1.jpg': 'no test' });
  });
});

describe('what cannot be read as meant is refused, by name', () => {
  const rows = (text: string) => withTable(`file,class,fold,split\n${text}`);

  test.each([
    [
      'a fold that is no number',
      '0.jpg,cat,one,\n1.jpg,dog,2,\n',
      '0.jpg',
      /Row 2 of labels.csv has "one" in the column fold/,
    ],
    ['a split of no known name', '0.jpg,cat,,extra\n1.jpg,dog,,test\n', '0.jpg', /Row 2 .*"extra" in the column split/],
    ['a negative fold', '0.jpg,cat,-1,\n1.jpg,dog,2,\n', '0.jpg', /"-1" in the column fold/],
    [
      'a class that is not there, as pandas says it',
      '0.jpg,NaN,,\n1.jpg,dog,,\n',
      '0.jpg',
      /nothing in the column class/,
    ],
    ['no class', '0.jpg,,,\n1.jpg,dog,,\n', '0.jpg', /nothing in the column class/],
    ['too many cells', '0.jpg,cat,1,train,more\n1.jpg,dog,,\n', '0.jpg', /Row 2 .* 5 cells, where its header has 4/],
    ['a file that is not there', '9.jpg,cat,,\n1.jpg,dog,,\n', '9.jpg', /stands in labels.csv but is not there/],
    [
      'two classes of one file',
      '0.jpg,cat,,\n0.jpg,dog,,\n1.jpg,dog,,\n',
      'images/0.jpg',
      /class is cat in row 2 .* dog in row 3/,
    ],
    ['a list of classes', '0.jpg,"[""cat"", ""dog""]",,\n1.jpg,dog,,\n', '0.jpg', /several classes/],
  ])('%s', async (_, text, file, reason) => {
    const { skipped, labels } = await rows(text);
    expect(skipped.find((entry) => entry.file === file)).toMatchObject({
      reason: expect.stringMatching(reason),
      broken: true,
    });
    expect(Object.keys(labels)).toEqual(['images/1.jpg']);
  });

  test('the same row twice is no contradiction', async () => {
    const { labels, skipped } = await rows('0.jpg,cat,,\n0.jpg,cat,,\n1.jpg,dog,,\n2.jpg,cat,,\n');
    expect(Object.keys(labels)).toHaveLength(3);
    expect(skipped).toEqual([]);
  });

  test('a name that may be either of two files', async () => {
    const files = { 'a/0.jpg': '', 'b/0.jpg': '', 'c.jpg': '', 't.csv': 'file,class\n0.jpg,cat\nc.jpg,dog\n' };
    const { leftOut } = await listCollection('imagenet-val', files);
    expect(leftOut['0.jpg']).toMatch(/Row 2 of t.csv may mean a\/0.jpg or b\/0.jpg/);
  });

  test('a name of another folder is not found by its end alone', async () => {
    const files = { 'cats/0.jpg': '', 'c.jpg': '', 't.csv': 'file,class\ndogs/0.jpg,dog\nc.jpg,cat\n' };
    const { leftOut, labels } = await listCollection('imagenet-val', files);
    expect(leftOut['dogs/0.jpg']).toMatch(/is not there/);
    expect(labels).toEqual({ 'c.jpg': 'cat' });
  });

  test('a table of which no name is there: the first is said', async () => {
    const attempt = withTable('file,class\nx.jpg,cat\ny.jpg,dog\n');
    await expect(attempt).rejects.toThrow(/labels.csv: 0 of 2 rows.*2 names are not there, the first x.jpg in row 2/);
  });

  test.each<[string, string, string | Uint8Array, RegExp]>([
    [
      'no column of classes',
      'labels.csv',
      'filename,what_it_shows\n0.jpg,cat\n1.jpg,dog\n',
      /labels.csv .*filename, what_it_shows.*docs\/datasets.md/,
    ],
    [
      'only columns of other names',
      'labels.csv',
      'picture_ref;thing\n0.jpg;cat\n1.jpg;dog\n2.jpg;cat\n',
      /labels.csv .*picture_ref, thing/,
    ],
    ['one column for each class', 'train.csv', 'image_id,healthy,rust\n0,1,0\n1,0,1\n', /train.csv .*healthy, rust/],
    ['an open quote', 'labels.csv', 'file,class\n"0.jpg,cat\n1.jpg,dog\n', /labels.csv .*Quote Not Closed/],
    [
      'two columns of one name that differ',
      'labels.csv',
      'file,label,Label\n0.jpg,cat,tom\n1.jpg,dog,rex\n',
      /two of its columns are called label, and they differ/,
    ],
    ['nothing in it', 'labels.csv', '', /labels.csv was not read: it is empty/],
    [
      'the bytes of a spreadsheet',
      'labels.csv',
      Buffer.from('504b0304140000000000000021000000000000000000000000001300', 'hex'),
      /labels.csv was not read: it is no text but ZIP; save it as CSV/,
    ],
    [
      'no column of files',
      'labels.csv',
      'a,b\n1,2\n',
      /no column that names the files; columns for the file and the class/,
    ],
    ['a spreadsheet', 'labels.xlsx', 'PK', /labels.xlsx .*save it as one/],
    ['nested JSON', 'coco.json', '{"images": [{"id": 1}], "annotations": []}', /coco.json was not read/],
  ])('a table with %s, beside one folder of photos', async (_, name, table, message) => {
    await expect(withTable(table, name)).rejects.toThrow(message);
  });

  test('beside folders of classes, such a table is named, and the folders are taken', async () => {
    const { labels, notes, leftOut } = await listCollection('imagenet-val', {
      'cat/0.jpg': '',
      'dog/1.jpg': '',
      'sizes.csv': 'file,width\ncat/0.jpg,320\ndog/1.jpg,320\n',
    });
    expect(labels).toEqual({ 'cat/0.jpg': 'cat', 'dog/1.jpg': 'dog' });
    expect(notes.join()).toMatch(/sizes.csv was not read/);
    expect(leftOut['sizes.csv']).toMatch(/not read as a table/);
  });

  test('rows that all cannot be read: the first reasons are said', async () => {
    const attempt = withTable('file,class,fold\n0.jpg,cat,1/5\n1.jpg,dog,2/5\n');
    await expect(attempt).rejects.toThrow(/0.jpg: Row 2 of labels.csv has "1\/5" in the column fold/);
  });

  test('beside a table, a folder that is called as none of its classes', async () => {
    const { leftOut, notes } = await listCollection('imagenet-val', {
      ...Object.fromEntries(
        ['train/cat/0.jpg', 'train/dog/1.jpg', 'val/v0.jpg', 'val/v1.jpg'].map((name) => [name, '']),
      ),
      'val/labels.csv': 'file,class\nv0.jpg,cat\nv1.jpg,fish\n',
    });
    expect(leftOut).toEqual({ 'train/dog/1.jpg': 'Its folder, dog, is called as no class of val/labels.csv.' });
    expect(notes.join()).toMatch(/1 files are left out, for their folders \(dog\)/);
  });

  test('a file that no row names', async () => {
    const { leftOut } = await withTable('file,class\n0.jpg,cat\n1.jpg,dog\n');
    expect(leftOut).toEqual({ 'images/2.jpg': expect.stringMatching(/No row of labels.csv gives it a class/) });
  });
});

test('names of many digits and words are read at once', () => {
  const before = performance.now();
  for (const name of [`train${'1'.repeat(60)}x`, `${'dataset'.repeat(30)}x`, `test${'_data'.repeat(40)}?`]) {
    expect(parsePart(name)).toBeNull();
  }
  expect(performance.now() - before).toBeLessThan(1000); // 2^30 ways of reading them took for ever
});

test('a form for predictions is no table of labels', async () => {
  const { labels, leftOut } = await listCollection('imagenet-val', {
    'train/0.jpg': '',
    'train/1.jpg': '',
    'test/2.jpg': '',
    'train.csv': 'id,label\n0,cat\n1,dog\n',
    'sampleSubmission.csv': 'id,label\n2,0.5\n',
  });
  expect(labels).toEqual({ 'train/0.jpg': 'cat train', 'train/1.jpg': 'dog train' });
  expect(Object.keys(leftOut)).toEqual(['sampleSubmission.csv', 'test/2.jpg']);
});

test('a table of other files beside one of these is said, and no fault', async () => {
  const { labels, skipped, notes } = await listCollection('esc50', {
    'blues/blues.00.wav': '',
    'jazz/jazz.00.wav': '',
    'features_30_sec.csv': 'filename,tempo,label,fold\nblues.00.wav,1,blues,1\njazz.00.wav,2,jazz,2\n',
    'features_3_sec.csv': 'filename,tempo,label,fold\nblues.00.0.wav,1,blues,1\njazz.00.0.wav,2,jazz,2\n',
  });
  expect(labels).toEqual({ 'blues/blues.00': 'blues fold 1', 'jazz/jazz.00': 'jazz fold 2' });
  expect(skipped).toEqual([]);
  expect(notes.join()).toMatch(/features_3_sec.csv: 0 of 2 rows.*2 names are not there/);
});

test('lists that only count the files name no classes', async () => {
  const { labels } = await listCollection('imagenet-val', {
    'images/001.Albatross/a.jpg': '',
    'images/002.Wren/b.jpg': '',
    'images.txt': '1 001.Albatross/a.jpg\n2 002.Wren/b.jpg\n',
    'image_class_labels.txt': '1 1\n2 2\n',
  });
  expect(labels).toEqual({ 'images/001.Albatross/a.jpg': '001.Albatross', 'images/002.Wren/b.jpg': '002.Wren' });
});

test('docs/datasets.md lists every name of a column that is read', () => {
  const docs = readFileSync('docs/datasets.md', 'utf8');
  for (const names of Object.values(columnNames)) for (const name of names) expect(docs).toContain(`\`${name}\``);
});
