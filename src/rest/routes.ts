// Knows: which paths the REST surface has, all derived from the catalog.
// Must not know: query parameters, HTTP servers, GraphQL.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection, CatalogOperation } from '../model/catalog.ts';
import { nearest } from '../model/naming.ts';
import { shown } from '../query/literal.ts';

/** Where everything of the REST surface lives. */
export const API = '/api';

/** What every path of the REST surface answers to. */
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

/** A path that a client asked for. `key`: its last segment as it came, still percent-encoded. */
export type Target =
  | { readonly kind: 'rows'; readonly collection: CatalogCollection; readonly key?: string }
  | { readonly kind: 'operation'; readonly operation: CatalogOperation };

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
