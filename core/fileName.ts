import { z } from 'zod';

/** Names that Windows keeps for devices, with any ending. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The name of a file or folder that stands directly in the folder at hand: what a checkpoint, manifest or `model.json` may name, and all that
 * it may name. Nothing that leads out of the folder passes: no slash or backslash, no drive, no `.` or `..`, no NUL.
 */
export const fileNameSchema = z
  .string()
  .max(200)
  .regex(
    /^\w[\w.-]*$/,
    'a file name without a path: letters, digits, "_", "-" and ".", beginning with a letter, digit or "_"',
  )
  .refine((name) => !name.endsWith('.') && !reserved.test(name), 'a file name that every system can store');

/** The same where the name becomes a part of a file's: of a bundle, of a classifier. */
export const nameSchema = fileNameSchema.regex(/^[\w-]+$/, 'a name of letters, digits, "-" and "_"');

/** A file's place in a folder and the folders in it, as in `audio/model.json`. */
export const filePathSchema = z
  .string()
  .refine(
    (path) => path.split('/').every((name) => fileNameSchema.safeParse(name).success),
    'a path inside the folder, of file names and "/"',
  );
