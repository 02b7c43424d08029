/** Vite serves the page while one works on it: nothing is to be kept. */
const isDevelopment = import.meta.env.MODE === 'development';

/** Has the page kept, so that it opens without a network too. Where the browser has no service workers, or refuses, it goes on without. */
export async function keepPage(): Promise<void> {
  const registration = await register()?.catch(() => null);
  if (!registration) return;
  // A reload alone leaves the next version's worker waiting: it is told which version this page is.
  const offer = () => registration.waiting?.postMessage(ownScript());
  offer();
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', offer));
}

/** As the service worker lists it: `assets/index-….js`. */
function ownScript(): string | undefined {
  return document
    .querySelector<HTMLScriptElement>('script[type=module]')
    ?.src.slice(new URL('.', document.baseURI).href.length);
}

/** Longer than a visitor should wait for threads. */
const patienceMs = 5000;

/**
 * On a host that does not send the headers that isolate a page, and so allow WebAssembly threads, the service worker adds them: the page is
 * loaded once more when it is there. Elsewhere returns at once.
 */
export async function isolate(): Promise<void> {
  if (crossOriginIsolated || isDevelopment || navigator.serviceWorker?.controller) return;
  const registered = register();
  if (!registered) return;
  const controlled = new Promise<'controlled'>((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve('controlled'), { once: true });
  });
  const late = new Promise<'late'>((resolve) => setTimeout(resolve, patienceMs, 'late'));
  const refused = registered.then(
    () => controlled,
    () => 'refused' as const,
  );
  if ((await Promise.race([controlled, refused, late])) !== 'controlled') return;
  location.reload();
  await new Promise(() => {}); // nothing more begins here
}

function register(): Promise<ServiceWorkerRegistration> | null {
  const { serviceWorker } = navigator as Partial<Navigator>; // none over plain HTTP from another machine
  if (!serviceWorker || isDevelopment) return null;
  return serviceWorker.register(new URL('sw.js', document.baseURI));
}
