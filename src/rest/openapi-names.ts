// Knows: the names in the OpenAPI document that are made here and must differ: operation ids, and the schemas of arguments.
// Must not know: paths, schemas.

import type { Catalog, CatalogCollection, CatalogOperation } from '../model/catalog.ts';
import { capital, nameGiver } from '../model/naming.ts';
import {
  type Field,
  type ObjectType,
  type Type,
  typesBelow,
  type UnionType,
  type WriteVerb,
} from '../model/type.ts';

export interface OpenapiNames {
  /** Of the `get` and the `post` of an operation. Collections have theirs first: an operation gives way with a number. */
  readonly get: (operation: CatalogOperation) => string;
  readonly post: (operation: CatalogOperation) => string;
  /** The schema of a group or union as an argument; in answers it has another. */
  readonly input: (type: ObjectType | UnionType) => string;
  /** The schema of what happens to rows. */
  readonly event: (collection: CatalogCollection) => string;
  /** The schema of a row in the body of a write. */
  readonly row: (collection: CatalogCollection, verb: RowVerb) => string;
}

type RowVerb = Exclude<WriteVerb, 'delete'>;

export function listId({ name }: CatalogCollection): string {
  return `list${capital(name)}`;
}

export function itemId({ typeName }: CatalogCollection): string {
  return `get${typeName}`;
}

export function createId({ typeName }: CatalogCollection): string {
  return `create${typeName}`;
}

export function updateId({ typeName }: CatalogCollection): string {
  return `update${typeName}`;
}

export function replaceId({ typeName }: CatalogCollection): string {
  return `replace${typeName}`;
}

export function deleteId({ typeName }: CatalogCollection): string {
  return `delete${typeName}`;
}

export function watchId({ name }: CatalogCollection): string {
  return `watch${capital(name)}`;
}

export const WRITE_ALL_ID = 'writeAll';

/** Of no two collections alike: each begins with a word of its own. */
const IDS_OF_COLLECTIONS = [listId, itemId, createId, updateId, replaceId, deleteId];

const ROW_SCHEMAS = { insert: 'Create', update: 'Update', upsert: 'Replace' } as const satisfies Record<
  RowVerb,
  string
>;

/** `schemas`: names that are taken; `written`: fields that stand in the bodies of writes. */
export function openapiNames(
  catalog: Catalog,
  schemas: Iterable<string>,
  written: readonly Field[],
): OpenapiNames {
  const collections = [...catalog.collections.values()];
  const watched = collections.filter(({ watchable }) => watchable === true);
  const operations = [...catalog.operations.values()];
  const freeId = nameGiver([
    ...IDS_OF_COLLECTIONS.flatMap((idOf) => collections.map(idOf)),
    ...watched.map(watchId),
    ...(written.length === 0 ? [] : [WRITE_ALL_ID]),
  ]);
  // An operation's own name goes before what is made of other operations' names.
  const post = new Map(operations.map((operation) => [operation, freeId(operation.name)]));
  const get = new Map(operations.map((operation) => [operation, freeId(`get${capital(operation.name)}`)]));
  const freeSchema = nameGiver(schemas);
  const input = new Map<Type, string>();
  for (const type of [...operations.map((operation) => operation.input), written].flatMap((fields) => [
    ...typesBelow(fields),
  ])) {
    if ((type.kind === 'object' || type.kind === 'union') && !input.has(type)) {
      input.set(type, freeSchema(`${type.name}Input`));
    }
  }
  const row = new Map(
    collections.map((collection) => {
      const free = (verb: RowVerb) => freeSchema(`${collection.typeName}${ROW_SCHEMAS[verb]}`);
      return [
        collection,
        { insert: free('insert'), update: free('update'), upsert: free('upsert') },
      ] as const;
    }),
  );
  const event = new Map(
    watched.map((collection) => [collection, freeSchema(`${collection.typeName}Change`)] as const),
  );
  return {
    event: (collection) => event.get(collection) ?? collection.typeName,
    row: (collection, verb) => row.get(collection)?.[verb] ?? collection.typeName,
    get: (operation) => get.get(operation) ?? operation.name,
    post: (operation) => post.get(operation) ?? operation.name,
    input: (type) => input.get(type) ?? type.name,
  };
}
