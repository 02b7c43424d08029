const known = new Set(
  [
    '__MACOSX', // macOS, in zips
    'Icon\r', // macOS
    'Thumbs.db',
    'ehthumbs.db',
    'desktop.ini',
    '$RECYCLE.BIN',
    'System Volume Information', // Windows
    '@eaDir', // Synology
    'lost+found', // Linux
    '__pycache__',
  ].map((name) => name.toLowerCase()),
);

/**
 * What systems and programs leave in folders and archives beside the collection: hidden files (a Mac's `._NAME` among them), caches of
 * thumbnails, locks of open documents.
 *
 * @returns the topmost such folder (with `/`) or file of a path; null: there is none.
 */
export function leftoverIn(name: string): string | null {
  const parts = name.split('/');
  const depth = parts.findIndex((part) => /^(\.(?!\.?$)|~\$)|~$/.test(part) || known.has(part.toLowerCase()));
  if (depth === -1) return null;
  return parts.slice(0, depth + 1).join('/') + (depth < parts.length - 1 ? '/' : '');
}
