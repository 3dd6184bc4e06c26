// Knows: what the server shows beside the API itself: health, the OpenAPI document, the reference, the way in.
// Must not know: sources, how the gateway finds anything.

import type { Response } from 'express';
import { openapi } from '../rest/openapi.ts';
import { API } from '../rest/routes.ts';
import { ASSET_NAMES, ASSETS, DOCS_SCRIPT, docsPage, frontPage, PAGE_POLICY } from './docs.ts';
import { healthReport } from './health.ts';
import { sendJson, sendText } from './send.ts';
import type { AppParts } from './server.ts';

export const GRAPHQL = '/graphql';

export type Page = (res: Response, accept: string | undefined) => void;

/** Everything that is not the API itself, by path. */
export function pagesOf({
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
        res.appendHeader('Vary', 'Accept');
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
