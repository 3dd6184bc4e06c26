// Knows: how documents are read from a disk, and that a saved copy is read from its own folder and from nowhere else.
// Must not know: what the documents mean.

import type { Stats } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Fault } from '#spi';
import { isFileAddress } from './address.ts';
import type { DocumentSet } from './documents.ts';
import { type FetchDocument, type FetchedDocument, LOAD_LIMITS, loadDocuments } from './load.ts';
import { INDEX, readSavedCopy } from './saved-copy.ts';

const IMPORT = '"overpunch import wsdl" saves a WSDL with everything that it leads to';

/**
 * The WSDL in a file with everything that it leads to, from the folder of that file alone: nothing is fetched from the network, nothing is
 * read above the folder. `reads` is told of each file. Throws a misconfigured Fault with the chain of files.
 */
export async function loadSaved(
  path: string,
  reads: (path: string) => void = () => {},
): Promise<DocumentSet> {
  const main = resolve(path);
  const folder = dirname(main);
  const types = await contentTypesIn(folder);
  return await loadDocuments(fileAddress(main), async (url) => {
    if (!isFileAddress(url)) {
      throw refused(`it is not in the saved copy, and nothing is fetched when the gateway starts; ${IMPORT}`);
    }
    const file = pathOf(url);
    if (!isInside(folder, file)) throw refused(`it lies outside the folder of the WSDL; ${IMPORT}`);
    reads(file);
    const document = await readDocument(file);
    // A link may lead anywhere.
    if (!isInside(await realpath(folder), await realpath(file))) {
      throw refused('it is a link that leads out of the folder of the WSDL');
    }
    const contentType = types.get(relative(folder, file).replaceAll(sep, '/'));
    return contentType === undefined ? document : { ...document, contentType };
  });
}

/** Any file of the disk, for an import. */
export const fetchFile: FetchDocument = async (url) => await readDocument(pathOf(url));

/** The address of a file. `path`: absolute. */
export function fileAddress(path: string): string {
  return pathToFileURL(path).href;
}

/** `file://host/…` is a share of another machine. */
function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw refused('this is no address of a file on this machine', cause);
  }
}

function isInside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === file;
}

function refused(message: string, cause?: unknown): Fault {
  return new Fault('invalid', message, { code: 'bad-reference', misconfigured: true, cause });
}

async function readDocument(path: string): Promise<FetchedDocument> {
  try {
    const about = await stat(path);
    refuseOthers(about);
    return { bytes: await readFile(path) };
  } catch (error) {
    throw diskFault(error);
  }
}

/** Reading a pipe or a device might never end. */
function refuseOthers(about: Stats): void {
  if (about.isDirectory()) throw unreadable('file-unreadable', 'it is a folder');
  if (!about.isFile()) throw unreadable('file-unreadable', 'it is no regular file');
  if (about.size > LOAD_LIMITS.maxBytes) {
    throw unreadable('documents-too-large', `it has more than ${LOAD_LIMITS.maxBytes} bytes`);
  }
}

const MEANINGS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  ENOENT: ['file-missing', 'there is no such file'],
  ENOTDIR: ['file-missing', 'there is no such file: a part of its path is no folder'],
  EACCES: ['file-unreadable', 'the file may not be read'],
  EPERM: ['file-unreadable', 'the file may not be read'],
  ELOOP: ['file-unreadable', 'it is behind too many symbolic links'],
  ENAMETOOLONG: ['file-missing', 'its name is too long'],
};

/** The one mapping from errors of the disk to faults, by their codes. */
function diskFault(error: unknown): unknown {
  if (error instanceof Fault) return error;
  const system = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof system !== 'string' || !/^E[A-Z0-9]+$/.test(system)) return error;
  const [code, message] = MEANINGS[system] ?? ['file-error', `the file cannot be read (${system})`];
  return unreadable(code, message, error);
}

function unreadable(code: string, message: string, cause?: unknown): Fault {
  return new Fault('invalid', message, { code, misconfigured: true, cause });
}

/** Path below the folder → content type, from the index of an import; empty where there is none. */
async function contentTypesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  let text: string;
  try {
    text = await readFile(join(folder, INDEX), 'utf8');
  } catch {
    return new Map();
  }
  const files = readSavedCopy(text)?.files ?? [];
  return new Map(
    files.flatMap(({ file, contentType }) =>
      contentType === undefined ? [] : [[file, contentType] as const],
    ),
  );
}
