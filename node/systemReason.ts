/** A full disk, a place that nobody may write to, a file in the way, too many open files: not ours to mend. */
const codes = new Set(
  'ENOSPC EDQUOT EFBIG EROFS EACCES EPERM ENOTDIR EISDIR EEXIST ENAMETOOLONG EMFILE ENFILE EIO EBUSY ENOMEM'.split(' '),
);

/** @returns what the system says where it is the machine that does not let a command work; null for any other error. */
export function systemReason(error: unknown): string | null {
  const { code, syscall, message } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall && code && codes.has(code) ? message : null;
}
