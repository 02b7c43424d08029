import { execFileSync } from 'node:child_process';

/** @returns the commit of the code that runs, with `-changed` where other files than documents differ from it; null outside a git checkout. */
export function codeCommit(): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const code = [':/', ':!/*.md', ':!/docs'];
    const changes = git('status', '--porcelain', '--untracked-files=no', '--', ...code);
    return git('rev-parse', 'HEAD') + (changes ? '-changed' : '');
  } catch {
    return null;
  }
}
