import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '#core/errors.ts';
import { isFolder, read as readFile } from '#node/files.ts';

/** Where a model lies: its JSON, and what is beside it. */
export interface Source {
  /** The folder, for messages. */
  where: string;
  /** The name of the JSON. */
  file: string;
  /** @throws {InputError} for a file that is not there or outside the folder. */
  read(file: string): Promise<Uint8Array>;
}

/** @param address a path, or a `file:`, `http:` or `https:` address, of `model.json`; a path may be that of its folder. */
export function sourceAt(address: string): Source {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(address) ?? [];
  if (scheme && !/^(https?|file)$/i.test(scheme))
    throw new InputError(
      `Expected a path, or an address with https:// or file://, of model.json but received ${address}. Download the model first.`,
    );
  if (scheme && scheme.toLowerCase() !== 'file') return remote(new URL(address));
  const given = scheme ? fileURLToPath(new URL(address)) : address;
  const path = isFolder(given) ? join(given, 'model.json') : given;
  const folder = dirname(path);
  return {
    where: folder,
    file: basename(path),
    read: (file) => {
      const target = resolve(folder, file);
      if (isAbsolute(file) || !target.startsWith(resolve(folder) + sep)) refuse(file, folder);
      return readFile(join(folder, file));
    },
  };
}

/** An address that ends with `/` is that of the folder, as people share it. */
function remote(given: URL): Source {
  const address = new URL(given);
  if (address.pathname.endsWith('/')) address.pathname += 'model.json';
  const folder = new URL('.', address).href;
  return {
    where: folder.replace(/\/$/, ''),
    file: address.pathname.slice(address.pathname.lastIndexOf('/') + 1),
    async read(file) {
      const target = new URL(file, folder);
      if (!target.href.startsWith(folder)) refuse(file, folder);
      target.search = address.search; // signed addresses carry their key there
      const fail = (cause: Error & { cause?: Error }): never => {
        const reason = (cause.cause ?? cause).message;
        throw new InputError(`Expected the file ${target} but it cannot be fetched: ${reason}.`, 'not_found', {
          cause,
        });
      };
      const response = await fetch(target).catch(fail);
      if (!response.ok) {
        throw new InputError(
          `Expected the file ${target} but the server answers ${response.status} ${response.statusText}.`,
          'not_found',
        );
      }
      return new Uint8Array(await response.arrayBuffer().catch(fail));
    },
  };
}

function refuse(file: string, folder: string): never {
  throw new InputError(
    `Expected the weights beside model.json in ${folder} but it names "${file}", which lies outside.`,
  );
}
