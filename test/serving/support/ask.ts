export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire
  body: any;
}

export type Fields = Record<string, Uint8Array | string | number | Uint8Array[]>;

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Posts a form, as a browser or `curl -F` does. */
export async function ask(url: string, fields: Fields, options: RequestInit = {}): Promise<Reply> {
  return read(await fetch(url, { method: 'POST', body: formOf(fields), ...options }));
}

/** {@link ask} and {@link get} for what is fetched otherwise. */
export function asking(fetch: Fetch) {
  return {
    ask: async (path: string, fields: Fields) => read(await fetch(path, await formAsBytes(fields))),
    get: async (path: string, init?: RequestInit) => read(await fetch(path, init)),
  };
}

/** Of Node 24 a form that is a request's body fails outside all calls where the app leaves it half read. */
async function formAsBytes(fields: Fields): Promise<RequestInit> {
  const form = new Response(formOf(fields));
  const headers = { 'Content-Type': form.headers.get('content-type') as string };
  return { method: 'POST', body: await form.arrayBuffer(), headers };
}

export function formOf(fields: Fields): FormData {
  const body = new FormData();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (value instanceof Uint8Array) body.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), name);
      else body.append(name, String(value));
    }
  }
  return body;
}

export async function get(url: string, options?: RequestInit): Promise<Reply> {
  return read(await fetch(url, options));
}

async function read(response: Response): Promise<Reply> {
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const { status, headers } = response;
  return { status, headers, body: isJson ? await response.json() : await response.text() };
}
