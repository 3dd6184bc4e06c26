// Knows: which path of the server leads where, and what holds for all of them: ids, faults, what is observed.
// Must not know: sources, adapters, how the gateway finds anything.

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Catalog } from '../model/catalog.ts';
import { nearest } from '../model/naming.ts';
import { type Observe, unobserved } from '../observe.ts';
import type { Policy } from '../policy.ts';
import { shown } from '../query/literal.ts';
import type { Execute, Invoke, SourceHealth, Write } from '../query/request.ts';
import type { Watch } from '../query/watching.ts';
import { API, missing, routesOf } from '../rest/routes.ts';
import type { Answers } from '../state/answers.ts';
import { allows, createApi } from './api.ts';
import { nameRequest } from './begin.ts';
import { jsonBody } from './body.ts';
import { allowOrigins, type CorsOptions } from './cors.ts';
import { limitTime } from './deadline.ts';
import { secureHeaders } from './headers.ts';
import { keepAnswers } from './idempotency.ts';
import { GRAPHQL, pagesOf } from './pages.ts';
import { limitRates, type Rates } from './rate.ts';
import { pathOf, sendFault } from './send.ts';

export interface AppParts {
  readonly catalog: Catalog;
  readonly execute: Execute;
  readonly invoke?: Invoke;
  readonly write?: Write;
  readonly watch?: Watch;
  readonly policy: Policy;
  readonly health: () => readonly SourceHealth[];
  /** Mounted at `/graphql`; its JSON body has been read into `req.body`. */
  readonly graphql?: RequestHandler;
  readonly observe?: Observe;
  /** Absent: nobody's requests are counted. */
  readonly rates?: Rates;
  readonly cors?: CorsOptions;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  /** Absent: answers by Idempotency-Key are kept in memory. */
  readonly answers?: Answers;
  readonly title?: string;
  readonly version?: string;
}

export function createApp(parts: AppParts): Express {
  const { policy, graphql, observe = unobserved, rates, cors, trustedProxies = [] } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');

  app.set('trust proxy', [...trustedProxies]);

  app.use(nameRequest(observe));
  app.use(limitTime(policy, observe));
  app.use(secureHeaders());
  if (cors !== undefined) app.use(allowOrigins(cors));
  if (rates !== undefined) {
    const { suspects, refused, admit } = limitRates(rates);
    app.use(suspects);
    // Who it is, is found out here.
    app.use(refused);
    app.use(admit);
  }
  app.use(
    keepAnswers({ ...(parts.answers === undefined ? {} : { answers: parts.answers }), policy, observe }),
  );
  app.use(API, createApi(parts));
  if (graphql !== undefined) app.use(GRAPHQL, ...jsonBody(policy), graphql);
  const pages = pagesOf(parts);
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
