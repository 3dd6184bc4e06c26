// Knows: how the changes of rows are named where each has a name of its own.
// Must not know: what is done with the names.

import type { CatalogCollection } from './catalog.ts';
import { capital, nameGiver } from './naming.ts';
import type { WriteVerb } from './type.ts';

/** A verb for one row, or `createMany`: an insert of several. */
export type WriteKind = 'create' | 'createMany' | 'update' | 'upsert' | 'delete';

export type WriteNames = ReadonlyMap<WriteKind, string>;

type Named = Pick<CatalogCollection, 'name' | 'itemName' | 'key' | 'writes'>;

/**
 * By name of the collection, for each that can be written: `createAccount`, `createAccounts`, `updateAccount`, `upsertAccount`,
 * `deleteAccount`. Each name once; the order of the collections decides.
 */
export function writeNames(collections: Iterable<Named>): ReadonlyMap<string, WriteNames> {
  const free = nameGiver();
  const names = new Map<string, WriteNames>();
  for (const collection of collections) {
    const own = kindsOf(collection).map(
      (kind) =>
        [
          kind,
          free(WORDS[kind] + capital(kind === 'createMany' ? collection.name : collection.itemName)),
        ] as const,
    );
    if (own.length > 0) names.set(collection.name, new Map(own));
  }
  return names;
}

const WORDS: Readonly<Record<WriteKind, string>> = {
  create: 'create',
  createMany: 'create',
  update: 'update',
  upsert: 'upsert',
  delete: 'delete',
};

const KINDS: Readonly<Record<WriteVerb, readonly WriteKind[]>> = {
  insert: ['create', 'createMany'],
  update: ['update'],
  upsert: ['upsert'],
  delete: ['delete'],
};

/** A row without a key can be made, but not be named afterwards. */
function kindsOf({ key, writes = [] }: Named): readonly WriteKind[] {
  const verbs = Object.entries(KINDS).filter(([verb]) => writes.some((claimed) => claimed === verb));
  return verbs.flatMap(([verb, kinds]) => (key.length > 0 || verb === 'insert' ? kinds : []));
}
