import { Busboy } from '@fastify/busboy';
import { InputError } from '#core/errors.ts';
import { type Fields, FormField } from './fields.ts';
import type { BodySource } from './source.ts';

export interface MultipartLimits {
  /** Parts of one body, files and texts together. */
  parts: number;
  /** Bytes of one text. */
  textBytes: number;
}

/** So much is parsed before a look at whether it is too much: a piece may hold hundreds of parts. */
const pieceBytes = 16_384;

/**
 * Takes a multipart/form-data body apart while it comes. A part is a file where it has a file name or says that it is no text.
 *
 * @throws {InputError} for a body that is no such form, or has more parts or longer texts than are allowed.
 */
export async function readMultipart(source: BodySource, contentType: string, limits: MultipartLimits): Promise<Fields> {
  const fields: Fields = new FormField();
  const parser = createParser(contentType, limits);
  let failure: unknown;
  const parsed = new Promise<void>((resolve, rejectLater) => {
    const reject = (error: Error) => {
      failure ??= error; // at once: the rest of what has come must not be parsed
      rejectLater(error);
    };
    parser.on('field', (name, text, nameWasCut, textWasCut) => {
      if (nameWasCut || textWasCut) {
        return reject(
          new InputError(`Expected texts of at most ${limits.textBytes} bytes but a field is longer.`, 'too_large'),
        );
      }
      fields.add(name, text);
    });
    parser.on('file', (name, stream) => {
      const chunks: Uint8Array[] = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => fields.add(name, joined(chunks)));
      stream.on('error', () => {}); // the parser's own error says it
    });
    const tooMany = () => {
      reject(
        new InputError(
          `Expected a form of at most ${limits.parts} parts but there are more. Send fewer files.`,
          'too_large',
        ),
      );
    };
    parser.on('partsLimit', tooMany).on('filesLimit', tooMany).on('fieldsLimit', tooMany);
    parser.on('finish', resolve);
    parser.on('error', (cause) => reject(notAForm((cause as Error).message)));
  });
  parsed.catch(() => {}); // it is awaited at the end, if that is reached
  try {
    await source.read((chunk) => {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        parser.write(Buffer.from(chunk.buffer, chunk.byteOffset + at, Math.min(pieceBytes, chunk.length - at)));
        if (failure) throw failure;
      }
    });
    parser.end();
    await parsed;
  } finally {
    parser.destroy();
  }
  return fields;
}

function createParser(contentType: string, { parts, textBytes }: MultipartLimits) {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: {
        parts,
        files: parts,
        fields: parts,
        fieldSize: textBytes,
        fieldNameSize: 100,
        headerPairs: 32,
        headerSize: 8192,
      },
      isPartAFile: (_, type, fileName) => fileName !== undefined || !(type ?? 'text/plain').startsWith('text/'),
    });
  } catch (cause) {
    throw notAForm((cause as Error).message);
  }
}

/** One array of exactly these bytes: what goes to a worker is copied with all of the memory that it is a view of. */
function joined(chunks: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}

function notAForm(reason: string): InputError {
  return new InputError(`Expected a multipart/form-data body, as curl -F makes it: ${reason}.`);
}
