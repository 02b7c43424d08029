/// <reference lib="webworker" />
// A script of its own without imports. The build names its version and the files of the page: build/serviceWorker.ts.
declare const VERSION: string;
declare const PAGE_FILES: string[];
declare const POLICY: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const pageCache = `clapper-page-${VERSION}`;
/** What the page asks for besides itself: lists, manifests, samples. Graphs and runtimes the page keeps itself, by their digests. */
const dataCache = 'clapper-data';
/** So long the network may take before what was kept is taken. */
const patienceMs = 4000;

const scope = new URL('.', worker.location.href);

// No skipWaiting: a page that is open goes on with its own files until it is closed, so that old and new are never mixed.
worker.addEventListener('install', (event) => {
  const keepAll = async () => {
    const cache = await caches.open(pageCache);
    await cache.addAll(PAGE_FILES.map((file) => new Request(file, { cache: 'no-cache' })));
  };
  event.waitUntil(keepAll());
});

// But where the one page that is open is of this version already, as after a reload, there is nothing to wait for.
worker.addEventListener('message', (event) => {
  const takeOver = async () => {
    const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
    if (pages.length === 1 && PAGE_FILES.includes(event.data)) await worker.skipWaiting();
  };
  event.waitUntil(takeOver());
});

worker.addEventListener('activate', (event) => {
  const begin = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith('clapper-page-') && name !== pageCache);
    await Promise.all(old.map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(begin());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const path = url.pathname.slice(scope.pathname.length);
  if (path === '' || path === 'index.html') event.respondWith(page(request));
  else if (path.startsWith('assets/')) event.respondWith(asset(request));
  else if (path.startsWith('models/') && url.search) event.respondWith(sample(event));
  else if (/^(v1\/models|models\/)/.test(path) && !path.endsWith('.onnx')) event.respondWith(data(event));
});

/** Its files have names of their own, so that none of another version is taken. */
async function page(request: Request): Promise<Response> {
  return newest(fetch(request), await caches.match('index.html', { cacheName: pageCache }));
}

/** What the network gives; where that is nothing in time, what was kept. */
async function newest(fresh: Promise<Response>, kept: Response | undefined): Promise<Response> {
  if (!kept) return isolated(await fresh);
  const whole = fresh.then(async (answer) => new Response(await answer.blob(), answer));
  whole.catch(() => {}); // may come too late to be awaited
  const late = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null));
  const answer = await Promise.race([whole, late]).catch(() => null);
  return isolated(answer?.ok ? answer : kept);
}

/** Named by content. */
async function asset(request: Request): Promise<Response> {
  return isolated((await caches.match(request.url, { cacheName: pageCache })) ?? (await fetch(request)));
}

/** Its address carries its digest: the kept one is the newest. */
async function sample(event: FetchEvent): Promise<Response> {
  const kept = await caches.match(event.request.url, { cacheName: dataCache });
  return kept ? isolated(kept) : isolated(await fetchAndKeep(event));
}

async function data(event: FetchEvent): Promise<Response> {
  const fresh = fetchAndKeep(event);
  return newest(fresh, await caches.match(event.request.url, { cacheName: dataCache }));
}

/** In place of another version; the page does not wait for it. */
function fetchAndKeep(event: FetchEvent): Promise<Response> {
  const { url } = event.request;
  const fresh = fetch(event.request);
  const keep = async (answer: Response) => {
    if (!answer.ok) return;
    const copy = answer.clone(); // before the page reads it
    const cache = await caches.open(dataCache);
    await cache.delete(url, { ignoreSearch: true });
    await cache.put(url, copy);
  };
  event.waitUntil(fresh.then(keep).catch(() => {})); // no room: goes on without
  return fresh;
}

/** With the headers that shut other origins out, which plain static hosts do not send: only so does the page get threads. */
function isolated(answer: Response): Response {
  const headers = new Headers(answer.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  headers.set('Content-Security-Policy', POLICY);
  const { status, statusText } = answer;
  return new Response(answer.body, { status, statusText, headers });
}
