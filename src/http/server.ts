// Knows: which path of the server leads where, and what holds for all of them: ids, faults, what is observed.
// Must not know: sources, adapters, how the gateway finds anything.

import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import type { Catalog } from '../model/catalog.ts';
import { nearest } from '../model/naming.ts';
import { type Observe, unobserved } from '../observe.ts';
import type { Policy } from '../policy.ts';
import { shown } from '../query/literal.ts';
import type { Execute, Invoke, SourceHealth, Write } from '../query/request.ts';
import type { Watch } from '../query/watching.ts';
import { openapi } from '../rest/openapi.ts';
import { API, missing, routesOf } from '../rest/routes.ts';
import { allows, createApi, EVENTS } from './api.ts';
import { jsonBody } from './body.ts';
import { ASSET_NAMES, ASSETS, DOCS_SCRIPT, docsPage, frontPage, PAGE_POLICY } from './docs.ts';
import { healthReport } from './health.ts';
import { pathOf, sendFault, sendJson, sendText } from './send.ts';

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
  readonly title?: string;
  readonly version?: string;
}

export function createApp(parts: AppParts): Express {
  const { policy, graphql, observe = unobserved } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');

  app.use(nameRequest(observe));
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

const GRAPHQL = '/graphql';

/**
 * Every request has an id, told back in `X-Request-Id`: the client's own if it is a plain one, else a new one. The
 * request's header is set to it as well, so that whoever handles the request finds the same id there.
 */
function nameRequest(observe: Observe): RequestHandler {
  return (req, res, next) => {
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    req.headers['x-request-id'] = requestId;
    res.setHeader('X-Request-Id', requestId);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    if (observe !== unobserved) {
      const began = performance.now();
      res.once('close', () => {
        observe({
          kind: 'request',
          requestId,
          method: req.method,
          path: pathOf(req),
          status: res.statusCode,
          durationMs: performance.now() - began,
          ...eventsOf(res),
          ...(res.writableFinished ? {} : { aborted: true }),
        });
      });
    }
    next();
  };
}

function eventsOf({ locals }: Response): { readonly events?: number } {
  const events: unknown = locals[EVENTS];
  return typeof events === 'number' ? { events } : {};
}

type Page = (res: Response, accept: string | undefined) => void;

/** Everything that is not the API itself, by path. */
function pagesOf({
  catalog,
  policy,
  health,
  graphql,
  title = 'Overpunch',
  version = '0',
}: AppParts): ReadonlyMap<string, Page> {
  let document: string | undefined;
  const links = [
    ...(graphql === undefined ? [] : [{ href: GRAPHQL, text: 'GraphQL' }]),
    { href: '/docs', text: 'REST reference' },
    { href: '/openapi.json', text: 'OpenAPI document' },
    { href: '/health', text: 'Health' },
    ...[...catalog.collections.keys()].map((name) => ({ href: `${API}/${name}`, text: name })),
    ...[...catalog.operations.keys()].map((name) => ({
      href: `${API}/${name}`,
      text: `${name} (operation)`,
    })),
  ];
  const pages = new Map<string, Page>([
    [
      '/',
      (res, accept) => {
        res.setHeader('Vary', 'Accept');
        if (accept?.includes('text/html') === true) sendPage(res, frontPage(title, links));
        else sendJson(res, 200, { title, links });
      },
    ],
    [
      '/health',
      (res) => {
        const { status, body } = healthReport(health());
        sendState(res, status, body);
      },
    ],
    ['/health/live', (res) => sendState(res, 200, { state: 'up' })],
    [
      '/health/ready',
      (res) => {
        const { status, body } = healthReport(health());
        sendState(res, status, { state: body.state });
      },
    ],
    [
      '/openapi.json',
      (res) => {
        document ??= JSON.stringify(openapi(catalog, policy, { title, version }));
        res.setHeader('Cache-Control', 'no-cache');
        sendText(res, 200, document, 'application/json');
      },
    ],
    ['/docs', (res) => sendPage(res, docsPage(title))],
    ['/docs/start.js', (res) => sendText(res, 200, DOCS_SCRIPT, 'text/javascript; charset=utf-8')],
  ]);
  for (const name of ASSET_NAMES) {
    pages.set(`/docs/${name}`, (res) => res.sendFile(name, { root: ASSETS, maxAge: '1h' }));
  }
  return pages;
}

function sendPage(res: Response, html: string): void {
  res.setHeader('Content-Security-Policy', PAGE_POLICY);
  sendText(res, 200, html, 'text/html; charset=utf-8');
}

function sendState(res: Response, status: number, body: unknown): void {
  res.setHeader('Cache-Control', 'no-store');
  sendJson(res, status, body);
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
