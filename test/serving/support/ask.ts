export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire
  body: any;
}

export type Fields = Record<string, Uint8Array | string | number>;

/** Posts a form, as a browser or `curl -F` does. */
export async function ask(url: string, fields: Fields, options: RequestInit = {}): Promise<Reply> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Uint8Array) body.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), name);
    else body.append(name, String(value));
  }
  return read(await fetch(url, { method: 'POST', body, ...options }));
}

export async function get(url: string, options?: RequestInit): Promise<Reply> {
  return read(await fetch(url, options));
}

async function read(response: Response): Promise<Reply> {
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const { status, headers } = response;
  return { status, headers, body: isJson ? await response.json() : await response.text() };
}
