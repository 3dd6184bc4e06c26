// Knows: which paths the REST surface has, all derived from the catalog.
// Must not know: query parameters, HTTP servers, GraphQL.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection, CatalogOperation } from '../model/catalog.ts';
import { nearest } from '../model/naming.ts';
import { fieldAt, isScalar } from '../model/type.ts';
import { scalarText, type Value } from '../model/value.ts';
import { shown } from '../query/literal.ts';

/** Where everything of the REST surface lives. */
export const API = '/api';

/** What every path answers to where nothing can be called or written; else `methodsAt` says. */
export const METHODS = ['GET', 'HEAD', 'OPTIONS'] as const;

export interface Route {
  readonly kind: 'list' | 'item';
  readonly collection: CatalogCollection;
  /** As OpenAPI writes it: `/api/accounts/{bank},{number}`. */
  readonly template: string;
}

/** All routes, a list before its items; a keyless collection has no items. */
export function routesOf(catalog: Catalog): readonly Route[] {
  return [...catalog.collections.values()].flatMap((collection): readonly Route[] => {
    const list: Route = { kind: 'list', collection, template: `${API}/${collection.name}` };
    if (collection.key.length === 0) return [list];
    const key = collection.key.map((name) => `{${name}}`).join(',');
    return [list, { kind: 'item', collection, template: `${API}/${collection.name}/${key}` }];
  });
}

/**
 * The route of a path, for who counts requests: names stand for what clients put there. Undefined: no route leads there. There are as many as
 * the catalog makes, whatever clients ask for.
 */
export function routeAt({ collections, operations }: Catalog, path: string): string | undefined {
  const [, , name = '', key, ...rest] = path.split('/');
  if (name === '') return key === undefined ? API : undefined;
  if (rest.length > 0 || key === '') return undefined;
  const collection = collections.get(name);
  if (collection === undefined) return key === undefined && operations.has(name) ? path : undefined;
  if (key === undefined) return `${API}/${name}`;
  if (key === CHANGES && collection.watchable === true) return changesPath(collection);
  return `${API}/${name}/{key}`;
}

/** A path that a client asked for. `key`: its last segment as it came, still percent-encoded. */
export type Target =
  | { readonly kind: 'rows'; readonly collection: CatalogCollection; readonly key?: string }
  | { readonly kind: 'operation'; readonly operation: CatalogOperation };

/**
 * Where the changes of a collection that can be watched are told. A row whose only key value is this very word is not below its collection
 * then, unless it is written `%63hanges`; a filter finds it in any case.
 */
const CHANGES = 'changes';

export function changesPath({ name }: CatalogCollection): string {
  return `${API}/${name}/${CHANGES}`;
}

/** `/api/customers/changes` → the collection, if it can be watched. */
export function changesAt({ collections }: Catalog, path: string): CatalogCollection | undefined {
  const [, , name = '', last, ...rest] = path.split('/');
  const collection = last === CHANGES && rest.length === 0 ? collections.get(name) : undefined;
  return collection?.watchable === true ? collection : undefined;
}

/** `/api/accounts/0800,4711` → its collection and key; `/api/getScore` → the operation. Throws `not-found` with the nearest path. */
export function resolvePath(catalog: Catalog, path: string): Target {
  const [, , name = '', key, ...rest] = path.split('/');
  const collection = catalog.collections.get(name);
  const operation = catalog.operations.get(name);
  const names = [...catalog.collections.keys(), ...catalog.operations.keys()];
  if (name === '') {
    throw new Fault('not-found', `Behind ${API}/ stands the name of a collection or an operation`, {
      code: 'unknown-path',
      hint: names.slice(0, 20).join(', '),
    });
  }
  if (operation !== undefined) {
    if (key === undefined) return { kind: 'operation', operation };
    throw missing(`There is nothing at ${shown(path)}.`, `${API}/${name}`);
  }
  if (collection === undefined) {
    const near = nearest(name, names);
    throw missing(
      catalog.operations.size === 0
        ? `There is no collection ${shown(name)}.`
        : `There is no collection and no operation ${shown(name)}.`,
      near === undefined ? undefined : `${API}/${near}`,
    );
  }
  if (key === undefined) return { kind: 'rows', collection };
  if (key === '' || rest.length > 0) {
    throw missing(`There is nothing at ${shown(path)}.`, `${API}/${collection.name}`);
  }
  return { kind: 'rows', collection, key };
}

/** `not-found` for a path; `near`: one that exists. */
export function missing(message: string, near: string | undefined): Fault {
  return near === undefined
    ? new Fault('not-found', message, { code: 'unknown-path' })
    : new Fault('not-found', `${message} Did you mean "${near}"?`, { code: 'unknown-path', hint: near });
}

/** Path of one row, as the routes read it: every comma, slash and other mark inside a value is percent-encoded. */
export function itemPath(
  { name, key: names, fields, watchable }: CatalogCollection,
  key: readonly Value[],
): string {
  const texts = names.map((field, i) => {
    const type = fieldAt(fields, field)?.type;
    const value = key[i] ?? null;
    if (type === undefined || !isScalar(type) || value === null) {
      throw new Fault('internal', 'A key has no text', { cause: new TypeError(`${name}.${field}`) });
    }
    return encodeURIComponent(scalarText(type, value));
  });
  const last = texts.join(',');
  return `${API}/${name}/${watchable === true && last === CHANGES ? last.replace('c', '%63') : last}`;
}

/**
 * What the path answers to where anything can be written. Of a path that does not exist that is everything: asked for, it is found
 * missing.
 */
export function methodsAt(catalog: Catalog, path: string): readonly string[] {
  if (isBatchPath(path)) return ['POST', 'OPTIONS'];
  const [, , name = '', key, ...rest] = path.split('/');
  const collection = catalog.collections.get(name);
  if (collection === undefined || rest.length > 0 || key === '') return ALL_METHODS;
  if (changesAt(catalog, path) !== undefined) return METHODS;
  const writing = key === undefined ? listWrites(collection) : itemWrites(collection);
  return writing.length === 0 ? METHODS : ['GET', 'HEAD', ...writing, 'OPTIONS'];
}

const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Where several changes are made at once. */
export function isBatchPath(path: string): boolean {
  return path === API || path === `${API}/`;
}

/** Whether anything can be written: then several changes can be made at once, at `/api` itself. */
export function isWritable({ collections }: Catalog): boolean {
  return collections.values().some(({ writes = [] }) => writes.length > 0);
}

export function listWrites({ writes = [] }: CatalogCollection): readonly string[] {
  return writes.includes('insert') ? ['POST'] : [];
}

export function itemWrites(collection: CatalogCollection): readonly string[] {
  const { key, writes = [] } = collection;
  if (key.length === 0) return [];
  return [
    ...(writes.includes('upsert') || takesKey(collection) ? ['PUT'] : []),
    ...(writes.includes('update') ? ['PATCH'] : []),
    ...(writes.includes('delete') ? ['DELETE'] : []),
  ];
}

/** Whether clients may choose the key of a new row. */
export function takesKey({ fields, key, writes = [] }: CatalogCollection): boolean {
  return (
    writes.includes('insert') &&
    key.length > 0 &&
    key.every((name) => fields.some((field) => field.name === name && field.readOnly !== true))
  );
}
