import { posix } from 'node:path';
import type { Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { type Part, parsePart } from './parts.ts';

/** What the folders above a file are named after. */
export interface FolderFacts {
  split: Split | null;
  fold: number | null;
  /** Whether a folder further out is named after another split, or fold. */
  isOverruling: boolean;
  /** Of the other folders, outermost first; those that say only what files they hold (`images`) are left out. */
  names: string[];
}

const generic = new Set(
  (
    'images image imgs img jpegimages jpegs jpeg jpgs jpg pngs png pictures picture pics photos photo frames ' +
    'audios audio sounds sound wavs wav mp3 ogg flac recordings clips clip videos video files data dataset raw media samples ' +
    'unlabeled unlabelled'
  ).split(' '),
);

export function isGeneric(folder: string): boolean {
  return generic.has(folder.toLowerCase());
}

/**
 * @param names of all files of the collection that are looked for. A folder named `train` is a split beside `test`, or above folders of
 *   classes; beside `airplane` it is a name like any other. So it is with `images`.
 */
export function readFolders(names: Iterable<string>): (name: string) => FolderFacts {
  const inside = new Map<string, Set<string>>();
  for (const name of names) {
    for (let folder = posix.dirname(name); folder !== '.'; folder = posix.dirname(folder)) {
      const parent = posix.dirname(folder);
      inside.set(parent, (inside.get(parent) ?? new Set()).add(posix.basename(folder)));
    }
  }
  const isName = (folder: string) => !parsePart(folder) && !isGeneric(folder);
  const namesIn = (folder: string): boolean =>
    Array.from(inside.get(folder) ?? []).some((name) => isName(name) || namesIn(posix.join(folder, name)));
  const known = new Map<string, FolderFacts>([['.', { split: null, fold: null, isOverruling: false, names: [] }]]);
  const factsOf = (folder: string): FolderFacts => {
    const before = known.get(folder);
    if (before) return before;
    const [parent, name] = [posix.dirname(folder), posix.basename(folder).normalize('NFC')];
    const facts = { ...factsOf(parent) };
    const part = parsePart(name);
    const siblings = Array.from(inside.get(parent) ?? []);
    if (isName(name) || (siblings.some(isName) && !namesIn(folder))) facts.names = [...facts.names, name];
    else if (part) Object.assign(facts, part, { isOverruling: contradicts(facts, part) });
    known.set(folder, facts);
    return facts;
  };
  return (name) => factsOf(posix.dirname(name));
}

function contradicts({ split, fold, isOverruling }: FolderFacts, part: Part): boolean {
  const [outer, inner] = 'split' in part ? [split, part.split] : [fold, part.fold];
  return isOverruling || (outer !== null && outer !== inner);
}

/** @returns what to say where folders named after parts of a set lie in others of another name. */
export function overruled(names: string[], factsOf: (name: string) => FolderFacts): string[] {
  const places = [...new Set(names.filter((name) => factsOf(name).isOverruling).map((name) => posix.dirname(name)))];
  return places.length === 0 ? [] : [`Of folders that name two splits or folds the inner one counts: ${some(places)}.`];
}

/** Which of several folders above a file is its class; undefined: what is not clear is refused. */
export type ClassFolder = 'inner' | 'outer' | undefined;

export interface FolderClasses {
  /** By the file's name; those that lie in no class's folder are not there. */
  categories: Map<string, string>;
  notes: string[];
}

/**
 * The classes that folders are named after: the folder that a file lies in, or, where files lie beside folders, the one that holds both.
 *
 * @throws {InputError} where folders of the same name lie in several others, so that either may be the class.
 */
export function classesOfFolders(names: string[], classFolder: ClassFolder): FolderClasses {
  const factsOf = readFolders(names);
  const paths = new Map(names.map((name) => [name, factsOf(name).names]));
  const wrapper = commonStart([...paths.values()].filter((path) => path.length > 0));
  for (const [name, path] of paths) paths.set(name, path.slice(wrapper.length));
  const holding = new Set(Array.from(paths.values(), (path) => path.join('/')));
  const categories = new Map<string, string>();
  const parents = new Map<string, Set<string>>();
  for (const [name, path] of paths) {
    if (path.length === 0) continue;
    const depths = path.map((_, i) => i + 1);
    const depth =
      classFolder === 'outer' ? 1 : (depths.find((depth) => holding.has(path.slice(0, depth).join('/'))) as number);
    const category = path[depth - 1] as string;
    categories.set(name, category);
    parents.set(category, (parents.get(category) ?? new Set()).add(path.slice(0, depth - 1).join('/')));
  }
  const [twice, places] = Array.from(parents).find(([, places]) => places.size > 1) ?? [];
  if (twice && places && classFolder === undefined) {
    const [one, other] = Array.from(places, (place) => posix.join(place, twice));
    throw new InputError(
      `Folders lie in folders (${one}, ${other}), and either may name the class. ` +
        'Say which with --class-folder inner or --class-folder outer, or give a table of the files and their classes.',
    );
  }
  const outer = [...new Set(Array.from(parents.values(), (places) => [...places]).flat())].filter(
    (place) => place !== '',
  );
  const below =
    outer.length > 0 ? `, the innermost (in ${some(outer)})` : wrapper.length > 0 ? ` in ${wrapper.join('/')}` : '';
  return { categories, notes: [`${parents.size} classes from the folders' names${below}.`] };
}

/** Folders that all are in: they tell nothing apart. The innermost of a path stays. */
function commonStart(paths: string[][]): string[] {
  const [first = []] = paths;
  const longest = Math.max(0, ...paths.map(({ length }) => length));
  let length = 0;
  while (length < longest - 1 && paths.every((path) => path.length > 0 && path[length] === first[length])) length++;
  return first.slice(0, length);
}

export function some(names: string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
}
