// Knows: which path of the server leads where, and what holds for all of them: ids, faults, what is observed.
// Must not know: sources, adapters, how the gateway finds anything.

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Catalog } from '../model/catalog.ts';
import { nearest } from '../model/naming.ts';
import { type Observe, unobserved } from '../observe.ts';
import type { Policy } from '../policy.ts';
import { shown } from '../query/literal.ts';
import type { Execute, Invoke, SourceHealth, Write } from '../query/request.ts';
import type { Tracer } from '../query/trace.ts';
import type { Watch } from '../query/watching.ts';
import { API, missing, routesOf } from '../rest/routes.ts';
import { allows, createApi } from './api.ts';
import { nameRequest } from './begin.ts';
import { jsonBody } from './body.ts';
import type { Standing } from './health.ts';
import { METRICS, type MetricsPage, metricsPage } from './metrics.ts';
import { GRAPHQL, pagesOf } from './pages.ts';
import { routeFinder } from './route.ts';
import { pathOf, sendFault } from './send.ts';

export interface AppParts {
  readonly catalog: Catalog;
  readonly execute: Execute;
  readonly invoke?: Invoke;
  readonly write?: Write;
  readonly watch?: Watch;
  readonly policy: Policy;
  readonly health: () => readonly SourceHealth[];
  /** Left out: it serves. */
  readonly standing?: () => Standing;
  /** Mounted at `/graphql`; its JSON body has been read into `req.body`. */
  readonly graphql?: RequestHandler;
  readonly observe?: Observe;
  /** Absent: no spans are made. */
  readonly tracer?: Tracer;
  /** Absent: there is no /metrics here. */
  readonly metrics?: MetricsPage;
  readonly title?: string;
  readonly version?: string;
}

export function createApp(parts: AppParts): Express {
  const { policy, graphql, metrics, tracer, observe = unobserved } = parts;
  const pages = pagesOf(parts);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');

  const routeOf = routeFinder(parts.catalog, [
    ...pages.keys(),
    ...(graphql === undefined ? [] : [GRAPHQL]),
    ...(metrics === undefined ? [] : [METRICS]),
  ]);
  app.use(nameRequest(observe, { routeOf, ...(tracer === undefined ? {} : { tracer }) }));
  app.use(API, createApi(parts));
  if (graphql !== undefined) app.use(GRAPHQL, ...jsonBody(policy), graphql);
  if (metrics !== undefined) app.use(METRICS, metricsPage(metrics));
  app.use((req, res) => {
    const path = pathOf(req);
    const page = pages.get(path) ?? pages.get(path.replace(/\/$/, ''));
    if (page === undefined)
      throw missing(`There is nothing at ${shown(path)}.`, nearestPath(path, parts.catalog, pages));
    if (allows(req, res)) page(res, req.headers.accept);
  });
  const onFault: ErrorRequestHandler = (error, req, res, _next) => sendFault(req, res, error, observe);
  app.use(onFault);
  return app;
}

/** The path that was meant: a misspelt one, or a collection without `/api` in front. */
function nearestPath(
  path: string,
  catalog: Catalog,
  pages: ReadonlyMap<string, unknown>,
): string | undefined {
  const lists = routesOf(catalog).flatMap(({ kind, template }) => (kind === 'list' ? [template] : []));
  const name = path.split('/').find((segment) => segment !== '') ?? '';
  const known = nearest(name, [...catalog.collections.keys(), ...catalog.operations.keys()]);
  return known !== undefined ? `${API}/${known}` : nearest(path, [...pages.keys(), ...lists, GRAPHQL]);
}
