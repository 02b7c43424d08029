import { InputError } from '#core/errors.ts';
import { Fields } from './fields.ts';
import type { BodySource } from './source.ts';
import { expectName, expectText } from './texts.ts';

export interface MultipartLimits {
  /** Parts of one body, files and texts together. */
  parts: number;
}

const endOfHeaders = Buffer.from('\r\n\r\n');
const headerBytes = 8192;

/**
 * Takes a multipart/form-data body apart (RFC 7578). A part is a file where it has a file name or says that it is no text. Files are views
 * of the body, and their bytes are looked through by native search alone: 25 MB take milliseconds.
 *
 * @throws {InputError} for a body that is no such form, or has more parts or longer texts than are allowed.
 */
export async function readMultipart(source: BodySource, contentType: string, limits: MultipartLimits): Promise<Fields> {
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`, 'latin1');
  const body = await collect(source);

  const fields = new Fields();
  let at = afterFirst(body, delimiter.subarray(2));
  for (let parts = 0; ; parts++) {
    for (let padding = 0; padding < 100 && (body[at] === 0x20 || body[at] === 0x09); padding++) at++; // it is allowed
    if (body[at] === 0x2d && body[at + 1] === 0x2d) return fields;
    if (body[at] !== 0x0d || body[at + 1] !== 0x0a) throw notAForm('a boundary is followed by something else');
    if (parts === limits.parts) {
      throw new InputError(
        `Expected a form of at most ${limits.parts} parts but there are more. Send fewer files.`,
        'too_large',
      );
    }
    const start = body.indexOf(endOfHeaders, at);
    if (start < 0 && body.length - at <= headerBytes) throw notAForm("it ends within a part's headers");
    if (start < 0 || start - at > headerBytes) throw notAForm(`a part's headers are longer than ${headerBytes} bytes`);
    const end = body.indexOf(delimiter, start + 2);
    if (end < 0) throw notAForm('its last boundary is missing');
    // An empty part may have one line end between its headers and the boundary.
    addPart(fields, body.toString('utf8', at + 2, start), body.subarray(Math.min(start + 4, end), end));
    at = end + delimiter.length;
  }
}

/** @returns where the first boundary ends; what stands before it says nothing, and is short. */
function afterFirst(body: Buffer, boundary: Buffer): number {
  for (let at = body.indexOf(boundary); at >= 0 && at < headerBytes; at = body.indexOf(boundary, at + 1)) {
    if (at === 0 || (body[at - 2] === 0x0d && body[at - 1] === 0x0a)) return at + boundary.length;
  }
  throw notAForm('its boundary does not come');
}

function addPart(fields: Fields, head: string, content: Buffer): void {
  const { name, isFile, charset } = readHead(head);
  fields.add(name, isFile ? content : textOf(expectText(content, content.length), charset));
}

/** What a part's headers say. */
interface PartHead {
  name: string;
  isFile: boolean;
  charset: string | undefined;
}

/** Of headers that have come before: clients write the same ones with each request, and to take them apart costs as much as the rest of a small body. */
const knownHeads = new Map<string, PartHead>();
const mostKnown = 256;
const longestKnown = 256;

function readHead(head: string): PartHead {
  const known = knownHeads.get(head);
  if (known) return known;
  const read = parseHead(head);
  if (knownHeads.size === mostKnown) knownHeads.clear();
  if (head.length <= longestKnown) knownHeads.set(head, read);
  return read;
}

function parseHead(head: string): PartHead {
  let name: string | undefined;
  let isNamedFile = false;
  let type = 'text/plain';
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1);
    switch (line.slice(0, colon).trim().toLowerCase()) {
      case 'content-disposition': {
        const parameters = parametersOf(value);
        name = parameters.get('name');
        isNamedFile = parameters.has('filename') || parameters.has('filename*');
        break;
      }
      case 'content-type':
        type = value.trim().toLowerCase();
        break;
      case 'content-transfer-encoding':
        if (!/^\s*(?:binary|7bit|8bit)\s*$/i.test(value)) throw notAForm(`parts encoded as${value} are not read`);
    }
  }
  if (name === undefined) throw notAForm('a part does not say its name in Content-Disposition');
  expectName(name);
  return { name, isFile: isNamedFile || !type.startsWith('text/'), charset: parametersOf(type).get('charset') };
}

const parameterPattern = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s]*))/g;

/** `; name="a \"b\""; name=audio`: quoted or not, of a header's value; of several of one name, the first. */
function parametersOf(value: string): Map<string, string> {
  const parameters = new Map<string, string>();
  parameterPattern.lastIndex = 0;
  for (let found = parameterPattern.exec(value); found; found = parameterPattern.exec(value)) {
    const [, name = '', quoted, plain = ''] = found;
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(["\\])/g, '$1') ?? plain);
  }
  return parameters;
}

function boundaryOf(contentType: string): string {
  const boundary = parametersOf(contentType).get('boundary');
  if (boundary && boundary.length <= 200) return boundary;
  throw notAForm('its Content-Type names no boundary');
}

function textOf(content: Buffer, charset = 'utf-8'): string {
  if (/^utf-?8$/i.test(charset)) return content.toString();
  try {
    return new TextDecoder(charset).decode(content);
  } catch {
    throw notAForm(`the charset ${charset} is not known`);
  }
}

/** Room for the whole of a usual request is made at once. */
const littleBytes = 2 ** 19;

/** A body of one chunk is that chunk; a longer one is copied together while it comes, so that no step of it takes long. */
async function collect(source: BodySource): Promise<Buffer> {
  let body: Buffer = Buffer.alloc(0);
  let filled = 0;
  await source.read((chunk) => {
    if (filled === 0) body = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    else {
      if (filled + chunk.length > body.length) {
        // Beyond what costs little, never more than twice what has come: who says that 20 MB follow may stop.
        const likely = Math.min(source.length ?? 0, littleBytes);
        const larger = Buffer.allocUnsafeSlow(Math.max(likely, 2 * (filled + chunk.length)));
        body.copy(larger, 0, 0, filled);
        body = larger;
      }
      body.set(chunk, filled);
    }
    filled += chunk.length;
  });
  return body.subarray(0, filled);
}

function notAForm(reason: string): InputError {
  return new InputError(`Expected a multipart/form-data body, as curl -F makes it: ${reason}.`);
}
