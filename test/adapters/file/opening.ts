// How the tests open files as tables: a temporary folder, a host, and all rows of a query.

import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Fault, type Host, type Query, type Row, type Source } from '#spi';
import { adapter, fileSource } from '../../../adapters/file/file.ts';
import { PROCESS_SCANS, type ScansOf } from '../../../adapters/file/scans/scans.ts';
import type { ByteFile, FileEdit, StoredFile } from '../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../adapters/file/store/disk.ts';

export const never: AbortSignal = new AbortController().signal;

export function hostAt(folder: string, sliceMs = 10): Host {
  return {
    source: 'files',
    path: (relative) => resolve(folder, relative),
    secret: () => Promise.reject(new Error('no secrets here')),
    sliceMs,
  };
}

/** A folder that is gone after the test. */
export interface Folder extends Disposable {
  readonly path: string;
  write(name: string, content: string | Uint8Array): void;
}

export function folder(files: Readonly<Record<string, string | Uint8Array>> = {}): Folder {
  const path = mkdtempSync(join(tmpdir(), 'overpunch-file-'));
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(path, name), content);
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Opens options as they stand in the YAML. */
export function openFiles(host: Host, options: unknown): Promise<Source> {
  return adapter.open(adapter.options.parse(options), host);
}

/** Opens them so that threads do all scans, however short. */
export function openFarFiles(host: Host, options: unknown, of: Partial<ScansOf> = {}): Promise<Source> {
  const scans = { ...PROCESS_SCANS, smallestBytes: 0, firstBytes: 0, ...of };
  return fileSource(adapter.options.parse(options), diskStore(host.path('.')), host, scans);
}

/** All rows, all fields, as plain objects in declared order; without an order, in the file's. */
export async function collect(
  source: Source,
  { collection, where = [], order = [] }: Partial<Query> & Pick<Query, 'collection'>,
  limit?: number,
): Promise<readonly Row[]> {
  const model = source.model.collections.find(({ name }) => name === collection);
  const fields = (model?.fields ?? []).flatMap(({ name, alternate }) => (alternate === true ? [] : [name]));
  const rows: Row[] = [];
  const ask = { fields, signal: never, ...(limit === undefined ? {} : { limit }) };
  for await (const batch of source.access({ collection, where, order }).read(ask)) {
    for (let i = 0; i < batch.length; i++) {
      const row = batch.row(i);
      rows.push(Object.fromEntries(fields.map((name) => [name, row[name] ?? null])));
    }
  }
  return rows;
}

/** The fault that something ends with. */
export async function faultOf(action: () => Promise<unknown>): Promise<Fault> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('no fault came');
}

/** Handles that this process has open on files below a folder. */
export function handlesOn(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd)).startsWith(path);
    } catch {
      // The handle with which the folder itself was listed is gone by now.
      return false;
    }
  }).length;
}

/** All bytes of an opened version. */
export async function bytesOf(file: ByteFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(file.size);
  await file.read(bytes, 0, { signal: never });
  return bytes;
}

/** The text that a file has now. */
export async function textOf(stored: StoredFile): Promise<string> {
  await using file = await stored.open({ signal: never });
  return new TextDecoder('latin1').decode(await bytesOf(file));
}

/** Takes a file of a place that can be written, makes one change, and gives it back. */
export async function editing<T>(stored: StoredFile, change: (edit: FileEdit) => Promise<T>): Promise<T> {
  if (stored.edit === undefined) throw new Error('the place cannot be written');
  await using edit = await stored.edit({ signal: never });
  return await change(edit);
}

/** The whole new text of a file, in pieces. */
export async function* piecesOf(text: string, size = 5): AsyncIterable<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield new TextEncoder().encode(text.slice(at, at + size));
}

/** What edits have left in a folder. */
export function leftIn(path: string): readonly string[] {
  return readdirSync(path).filter((name) => name.startsWith('.overpunch-'));
}
