/** @returns the word as a POSIX shell takes it: quoted where it holds a space or what shells read otherwise, so that a command can be pasted. */
export function shellWord(word: string): string {
  return /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
