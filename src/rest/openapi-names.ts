// Knows: the names in the OpenAPI document that are made here and must differ: operation ids, and the schemas of arguments.
// Must not know: paths, schemas.

import type { Catalog, CatalogCollection, CatalogOperation } from '../model/catalog.ts';
import { capital, nameGiver } from '../model/naming.ts';
import { type ObjectType, type Type, typesBelow, type UnionType } from '../model/type.ts';

export interface OpenapiNames {
  /** Of the `get` and the `post` of an operation. Collections have theirs first: an operation gives way with a number. */
  readonly get: (operation: CatalogOperation) => string;
  readonly post: (operation: CatalogOperation) => string;
  /** The schema of a group or union as an argument; in answers it has another. */
  readonly input: (type: ObjectType | UnionType) => string;
}

export function listId({ name }: CatalogCollection): string {
  return `list${capital(name)}`;
}

export function itemId({ typeName }: CatalogCollection): string {
  return `get${typeName}`;
}

/** `schemas`: names that are taken. */
export function openapiNames(catalog: Catalog, schemas: Iterable<string>): OpenapiNames {
  const collections = [...catalog.collections.values()];
  const operations = [...catalog.operations.values()];
  const freeId = nameGiver([...collections.map(listId), ...collections.map(itemId)]);
  // An operation's own name goes before what is made of other operations' names.
  const post = new Map(operations.map((operation) => [operation, freeId(operation.name)]));
  const get = new Map(operations.map((operation) => [operation, freeId(`get${capital(operation.name)}`)]));
  const freeSchema = nameGiver(schemas);
  const input = new Map<Type, string>();
  for (const type of operations.flatMap((operation) => [...typesBelow(operation.input)])) {
    if ((type.kind === 'object' || type.kind === 'union') && !input.has(type)) {
      input.set(type, freeSchema(`${type.name}Input`));
    }
  }
  return {
    get: (operation) => get.get(operation) ?? operation.name,
    post: (operation) => post.get(operation) ?? operation.name,
    input: (type) => input.get(type) ?? type.name,
  };
}
