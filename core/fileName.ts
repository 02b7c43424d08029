import { z } from 'zod';

/** Of paths, drives and patterns, and what no terminal shows: in no name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const refused = /[/\\:*?"<>|\u0000-\u001f\u007f]/;
/** Names that Windows keeps for devices, with any ending. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The name of a file or folder that stands directly in the folder at hand: what a checkpoint, manifest or `model.json` may name, and all that it
 * may name. Nothing that leads out of the folder passes: no slash or backslash, no drive, no `.` or `..`, no NUL; nor what some system cannot
 * store.
 */
export const fileNameSchema = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (name) => !refused.test(name) && !/[. ]$/.test(name) && !reserved.test(name), // a name of dots alone ends with one
    'expected the name of a file in this folder: no path, no "/", "\\", ":", "*", "?", """, "<", ">", "|", nothing that ends with "." or a space, no device',
  );

/** The same where the name becomes a part of a file's or of an address: of a bundle, of a classifier. */
export const nameSchema = fileNameSchema.regex(
  /^[A-Za-z0-9_][\w-]*$/,
  'expected a name of letters, digits, "_" and "-" that does not begin with "-"',
);

/** A file's place in a folder or the folders in it, as in `audio/model.json` or `./weights.bin`. */
export const filePathSchema = z
  .string()
  .refine(
    (path) => pathNames(path).every((name) => fileNameSchema.safeParse(name).success),
    'expected the path of a file inside this folder: names and "/", no "..", no "\\", no ":", no "/" in front',
  );

/** @returns the names that a path goes through. */
export function pathNames(path: string): string[] {
  return path.replace(/^\.\//, '').split('/');
}
