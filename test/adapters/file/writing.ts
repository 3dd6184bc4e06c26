// How the tests write files: records by a copybook in a place that can be written, and the bytes afterwards.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change, Outcome, Source, Value } from '#spi';
import { fileSource } from '../../../adapters/file/file.ts';
import { options } from '../../../adapters/file/options/options.ts';
import { type ObservedStore, observedStore } from './observed-store.ts';
import { type Folder, folder, hostAt, never } from './opening.ts';

export interface Written extends AsyncDisposable {
  readonly source: Source;
  readonly store: ObservedStore;
  readonly place: Folder;
  bytes(name: string): Buffer;
  write(...changes: readonly Change[]): Promise<readonly Outcome[]>;
}

/** `files`: copybooks, parse maps and data by name. `collections`: as in the YAML. */
export async function written(
  files: Readonly<Record<string, string | Uint8Array>>,
  collections: Readonly<Record<string, object>>,
  how: { readonly patches?: boolean } = {},
): Promise<Written> {
  const place = folder(files);
  try {
    const store = observedStore(place.path, how);
    const source = await fileSource(options.parse({ collections }), store, hostAt(place.path));
    return {
      source,
      store,
      place,
      bytes: (name) => readFileSync(join(place.path, name)),
      async write(...changes) {
        if (source.write === undefined) throw new Error('the source is only read');
        return await source.write(changes, { signal: never });
      },
      async [Symbol.asyncDispose]() {
        await source[Symbol.asyncDispose]();
        place[Symbol.dispose]();
      },
    };
  } catch (error) {
    place[Symbol.dispose]();
    throw error;
  }
}

export const WRITES = ['insert', 'update', 'upsert', 'delete'];

type Values = Readonly<Record<string, Value>>;

export function inserts(collection: string, ...rows: readonly Values[]): readonly Change[] {
  return rows.map((values) => ({ collection, verb: 'insert', values }));
}

export function update(collection: string, key: readonly Value[], values: Values, expected?: Values): Change {
  return { collection, verb: 'update', key, values, ...(expected === undefined ? {} : { expected }) };
}

export function remove(collection: string, key: readonly Value[]): Change {
  return { collection, verb: 'delete', key, values: {} };
}
