/** So long a script may take to come: a browser waits for minutes, and says nothing. */
export const patienceMs = 30_000;

/** @throws {TypeError} as `import()` in Chromium does, where it takes longer. */
export function inTime<T>(coming: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new TypeError('Failed to fetch dynamically imported module in time.')), patienceMs);
    coming.then(resolve, reject);
  });
}
