/** Longer than a frame takes; a page that nobody looks at draws none. */
const patienceMs = 50;

/**
 * When what was just changed on the page has been drawn. Questions to the model wait for it: drawing and the model's threads share the
 * processor, and each would take longer for both.
 */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, patienceMs);
  });
}
