// Knows: what the server shows beside the API itself: health, the OpenAPI document, the reference, the way in.
// Must not know: sources, how the gateway finds anything.

import type { Request, Response } from 'express';
import type { Catalog } from '../model/catalog.ts';
import { begun } from '../query/context.ts';
import type { SourceHealth } from '../query/request.ts';
import { openapi } from '../rest/openapi.ts';
import { API } from '../rest/routes.ts';
import { ASSET_NAMES, ASSETS, DOCS_SCRIPT, docsPage, frontPage, PAGE_POLICY } from './docs.ts';
import { HEALTH_PATHS, healthPage, healthReport, SERVING, type Standing } from './health.ts';
import { GRAPHQL } from './open-paths.ts';
import { sendJson, sendText } from './send.ts';
import type { AppParts } from './server.ts';

export type Page = (req: Request, res: Response) => void;

/** Everything that is not the API itself, by path, as it is for who sees this catalog. */
export function pagesOf(parts: AppParts): ReadonlyMap<string, Page> {
  const { catalog, policy, graphql, accepted } = parts;
  const { title = 'Overpunch', version = '0' } = parts;
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
      (req, res) => {
        ofCaller(parts, res);
        res.appendHeader('Vary', 'Accept');
        if (req.headers.accept?.includes('text/html') === true) sendPage(res, frontPage(title, links));
        else sendJson(res, 200, { title, links });
      },
    ],
    [
      '/openapi.json',
      (_req, res) => {
        const titled = { title, version, ...(accepted === undefined ? {} : { accepted }) };
        document ??= JSON.stringify(openapi(catalog, policy, titled));
        ofCaller(parts, res);
        sendText(res, 200, document, 'application/json');
      },
    ],
    ['/docs', (_req, res) => sendPage(res, docsPage(title))],
    ['/docs/start.js', (_req, res) => sendText(res, 200, DOCS_SCRIPT, 'text/javascript; charset=utf-8')],
  ]);
  for (const path of HEALTH_PATHS) pages.set(path, (req, res) => sendHealth(path, parts, req, res));
  for (const name of ASSET_NAMES) {
    pages.set(`/docs/${name}`, (_req, res) => res.sendFile(name, { root: ASSETS, maxAge: '1h' }));
  }
  return pages;
}

/** What is another one for another caller: kept by nobody in between, and by a client only to ask again. */
function ofCaller({ rights }: AppParts, res: Response): void {
  res.setHeader('Cache-Control', rights === undefined ? 'no-cache' : 'private, no-cache');
}

/** Whether the caller is told what is wrong with sources and with the configuration. */
function seesAll({ rights, seesFaults }: AppParts, req: Request): boolean {
  const caller = begun(req)?.caller;
  return rights === undefined || (caller !== undefined && seesFaults?.(caller) === true);
}

function withoutNotes({ reload, ...standing }: Standing): Standing {
  return reload === undefined ? standing : { ...standing, reload: { ...reload, notes: [] } };
}

/** The sources as the caller may know them: those of the catalog that is shown, without what is wrong with them. */
function seen(sources: readonly SourceHealth[], parts: AppParts, req: Request): readonly SourceHealth[] {
  if (seesAll(parts, req)) return sources;
  const own = sourcesOf(parts.catalog);
  return sources
    .filter(({ source }) => own.has(source))
    .map(({ source, adapter, state, since }) => ({ source, adapter, state, since }));
}

function sourcesOf({ collections, operations }: Catalog): ReadonlySet<string> {
  return new Set([...collections.values(), ...operations.values()].map(({ source }) => source));
}

function sendPage(res: Response, html: string): void {
  res.setHeader('Content-Security-Policy', PAGE_POLICY);
  sendText(res, 200, html, 'text/html; charset=utf-8');
}

/** `/health` says more to whoever sees everything; what says the state alone is of all sources, whoever asks. */
function sendHealth(path: string, parts: AppParts, req: Request, res: Response): void {
  const { health, standing = () => SERVING } = parts;
  const page = healthPage(path, () =>
    path === '/health'
      ? healthReport(seen(health(), parts, req), seesAll(parts, req) ? standing() : withoutNotes(standing()))
      : healthReport(health(), standing()),
  );
  if (page === undefined) return;
  res.setHeader('Cache-Control', 'no-store');
  sendJson(res, page.status, page.body);
}
