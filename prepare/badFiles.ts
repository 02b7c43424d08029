import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';

/** Watches how many files are broken. */
export interface BadFileCount {
  /** @throws {InputError} as soon as there are more than allowed. */
  add(skipped: Skipped[]): void;
}

/** @param maxBad share of all `files`. */
export function startBadFileCount({ files, maxBad }: { files: number; maxBad: number }): BadFileCount {
  const broken: Skipped[] = [];
  return {
    add(skipped) {
      broken.push(...skipped.filter((entry) => entry.broken));
      if (broken.length <= maxBad * files) return;
      const some = broken.slice(-5).map(({ file, reason }) => `\n  ${file}: ${reason}`);
      throw new InputError(
        `${broken.length} of ${files} files cannot be used, more than the ${100 * maxBad} % that --max-bad allows. ` +
          `What was done is kept: mend them, or go on with a higher --max-bad. The last ones:${some.join('')}`,
      );
    },
  };
}
