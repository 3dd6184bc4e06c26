// Knows: what is made of one catalog: the API, GraphQL, the pages; and which of them a request is led to.
// Must not know: credentials, rules of roles, what the handlers do.

import type { Request, RequestHandler, Response } from 'express';
import { Fault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import { nearest } from '../model/naming.ts';
import { begun } from '../query/context.ts';
import { API, routesOf } from '../rest/routes.ts';
import type { View } from '../rights/rights.ts';
import { createApi } from './api.ts';
import { GRAPHQL, isOpen } from './open-paths.ts';
import { type Page, pagesOf } from './pages.ts';
import { pathOf } from './send.ts';
import type { AppParts } from './server.ts';

/** Everything that speaks of a catalog. What is costly of it is made when it is first asked for, and kept with it. */
export interface Surface {
  readonly catalog: Catalog;
  readonly api: (req: Request, res: Response) => Promise<void>;
  /** Absent where nothing is mounted at `/graphql`. */
  readonly graphql?: RequestHandler;
  pageAt(path: string): Page | undefined;
  /** The path that was meant: a misspelt one, or a collection without `/api` in front. */
  nearestPath(path: string): string | undefined;
}

/**
 * The surface of who asks. Callers of one view have one, for as long as the rights keep the view; names that are not in it do not exist there,
 * and no cache is shared with another. Where there are no rights, all have the same. Throws `unauthenticated` for a request without a caller,
 * but for what is open to everybody: that is of no catalog.
 */
export function surfaces(parts: AppParts): (req: Request) => Surface {
  const { rights } = parts;
  if (rights === undefined) {
    // Now, not at the first query.
    const graphql = parts.graphql?.(parts.catalog);
    const whole = createSurface(
      { ...parts, ...(graphql === undefined ? {} : { graphql: () => graphql }) },
      parts.catalog,
    );
    return () => whole;
  }
  const nobodys = createSurface(parts, NOTHING);
  const made = new WeakMap<Catalog, Surface>();
  const surfaceOf = ({ catalog }: View): Surface => {
    const surface = made.get(catalog) ?? createSurface(parts, catalog);
    made.set(catalog, surface);
    return surface;
  };
  return (req) => {
    const caller = begun(req)?.caller;
    if (caller !== undefined) return surfaceOf(rights.viewOf(caller));
    if (isOpen({ method: req.method, path: pathOf(req), accept: req.headers.accept })) return nobodys;
    throw new Fault('unauthenticated', 'This is not shown to who shows no credentials', {
      code: 'no-credentials',
    });
  };
}

const NOTHING: Catalog = { collections: new Map(), operations: new Map() };

function createSurface(parts: AppParts, catalog: Catalog): Surface {
  const pages = once(() => pagesOf({ ...parts, catalog }));
  const make = parts.graphql;
  const graphql = make === undefined ? undefined : once(() => make(catalog));
  return {
    catalog,
    api: createApi({ ...parts, catalog }),
    ...(graphql === undefined ? {} : { graphql: (req, res, next) => graphql()(req, res, next) }),
    pageAt: (path) => pages().get(path) ?? pages().get(path.replace(/\/$/, '')),
    nearestPath: (path) => {
      const lists = routesOf(catalog).flatMap(({ kind, template }) => (kind === 'list' ? [template] : []));
      const name = path.split('/').find((segment) => segment !== '') ?? '';
      const known = nearest(name, [...catalog.collections.keys(), ...catalog.operations.keys()]);
      return known !== undefined ? `${API}/${known}` : nearest(path, [...pages().keys(), ...lists, GRAPHQL]);
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
