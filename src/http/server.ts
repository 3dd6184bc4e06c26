// Knows: which path of the server leads where, and what holds for all of them: ids, faults, what is observed.
// Must not know: sources, adapters, how the gateway finds anything.

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Catalog } from '../model/catalog.ts';
import { type Observe, unobserved } from '../observe.ts';
import type { Policy } from '../policy.ts';
import type { Caller } from '../query/caller.ts';
import { shown } from '../query/literal.ts';
import type { Execute, Invoke, SourceHealth, Write } from '../query/request.ts';
import type { Tracer } from '../query/trace.ts';
import type { Watch } from '../query/watching.ts';
import type { Accepted } from '../rest/openapi-security.ts';
import { API, missing } from '../rest/routes.ts';
import type { Rights } from '../rights/rights.ts';
import type { Answers } from '../state/answers.ts';
import { allows } from './api.ts';
import { nameRequest } from './begin.ts';
import { jsonBody } from './body.ts';
import { authentication } from './gates/auth.ts';
import { allowOrigins, type CorsOptions } from './gates/cors.ts';
import { limitTime } from './gates/deadline.ts';
import { refuseForms } from './gates/foreign-pages.ts';
import { boundedHeaders } from './gates/header-count.ts';
import { secureHeaders } from './gates/headers.ts';
import { keepAnswers } from './gates/idempotency.ts';
import { type Counters, counted, limitRates, type Rates } from './gates/rate.ts';
import type { Standing } from './health.ts';
import { inOrder } from './in-order.ts';
import { METRICS, type MetricsPage, metricsPage } from './metrics.ts';
import { GRAPHQL } from './open-paths.ts';
import { pagesOf } from './pages.ts';
import { routeFinder } from './route.ts';
import { pathOf, sendFault } from './send.ts';
import { surfaces } from './surface.ts';

export interface AppParts {
  /** All that the gateway has; with `rights`, each caller is shown the view's instead. */
  readonly catalog: Catalog;
  readonly execute: Execute;
  readonly invoke?: Invoke;
  readonly write?: Write;
  readonly watch?: Watch;
  readonly policy: Policy;
  readonly health: () => readonly SourceHealth[];
  /** Absent: nobody is asked who he is. */
  readonly authenticate?: Authenticate;
  /** Left out: it serves. */
  readonly standing?: () => Standing;
  /** Absent: everybody may do everything, as in tests. Present: a request without a caller is refused. */
  readonly rights?: Rights;
  /** Who is told of the sources' faults; absent: everybody who may ask for `/health`. */
  readonly seesFaults?: (caller: Caller) => boolean;
  /** The credentials that are accepted, as the OpenAPI document tells them; absent: none are needed. */
  readonly accepted?: Accepted;
  /** Mounted at `/graphql`, one for each catalog that is shown; the JSON body has been read into `req.body`. */
  readonly graphql?: (catalog: Catalog) => RequestHandler;
  readonly observe?: Observe;
  /** Absent: no spans are made. */
  readonly tracer?: Tracer;
  /** Absent: there is no /metrics here. */
  readonly metrics?: MetricsPage;
  /** Absent: nobody's requests are counted. */
  readonly rates?: Rates;
  /** What was counted under the configuration before; absent: nothing. */
  readonly counters?: Counters;
  readonly cors?: CorsOptions;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  /** Absent: answers by Idempotency-Key are kept in memory. */
  readonly answers?: Answers;
  readonly title?: string;
  readonly version?: string;
}

export function createApp(parts: AppParts): Express {
  const { policy, authenticate, graphql, metrics, tracer, observe = unobserved } = parts;
  const { rates, cors, trustedProxies = [], answers } = parts;
  const surfaceOf = surfaces(parts);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');

  app.set('trust proxy', [...trustedProxies]);

  const routeOf = routeFinder(parts.catalog, [
    ...pagesOf(parts).keys(),
    ...(graphql === undefined ? [] : [GRAPHQL]),
    ...(metrics === undefined ? [] : [METRICS]),
  ]);
  const counting = rates === undefined ? undefined : limitRates(rates, parts.counters);
  app.use(
    inOrder([
      nameRequest(observe, { routeOf, ...(tracer === undefined ? {} : { tracer }) }),
      limitTime(policy, observe),
      secureHeaders(),
      boundedHeaders(),
      ...(cors === undefined ? [] : [allowOrigins(cors)]),
      refuseForms(cors?.origins),
      ...(counting === undefined ? [] : [counting.suspects]),
      ...(authenticate === undefined ? [] : [counted(authentication(authenticate), counting)]),
      ...(counting === undefined ? [] : [counting.admit]),
      keepAnswers({ ...(answers === undefined ? {} : { answers }), policy, observe }),
    ]),
  );
  app.use(API, (req, res) => surfaceOf(req).api(req, res));
  if (graphql !== undefined) {
    // Nobody's body is read before it is known whose it is.
    const admit: RequestHandler = (req, _res, next) => {
      surfaceOf(req);
      next();
    };
    const answer: RequestHandler = (req, res, next) => surfaceOf(req).graphql?.(req, res, next);
    app.use(GRAPHQL, admit, ...jsonBody(policy), answer);
  }
  if (metrics !== undefined) app.use(METRICS, metricsPage(metrics));
  app.use((req, res) => {
    const surface = surfaceOf(req);
    const path = pathOf(req);
    const page = surface.pageAt(path);
    if (page === undefined) throw missing(`There is nothing at ${shown(path)}.`, surface.nearestPath(path));
    if (allows(req, res)) page(req, res);
  });
  const onFault: ErrorRequestHandler = (error, req, res, _next) => sendFault(req, res, error, observe);
  app.use(onFault);
  return app;
}
