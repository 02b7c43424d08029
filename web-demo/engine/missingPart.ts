// Decoders, runtimes and readers come when they are needed. Browsers say in words alone that one did not: Chromium, Firefox, Safari.
const saidSo = /dynamically imported module|importing a module script failed/i;

/** Whether an error says, or was caused by, a part of the page that did not come over the network. */
export function isMissingPart(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return saidSo.test(error.message) || isMissingPart(error.cause);
}
