// Knows: one REST request from its first header to its last byte.
// Must not know: other paths of the server, and how the gateway finds the rows.

import type { Request, Response } from 'express';
import { Fault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import { recent } from '../model/recent.ts';
import type { Policy } from '../policy.ts';
import type { Execute } from '../query/request.ts';
import { formatOf } from '../rest/format.ts';
import { negotiate } from '../rest/negotiate.ts';
import { parseRest } from '../rest/parse.ts';
import { answer, type Prepared } from '../rest/render.ts';
import { METHODS } from '../rest/routes.ts';
import { requestIdOf } from './send.ts';

/** The same URL asks for the same thing: what was understood last is kept, long URLs aside: they would fill memory. */
const KEPT_REQUESTS = 1_000;
const KEPT_URL_CHARS = 2_048;

export interface ApiParts {
  readonly catalog: Catalog;
  readonly execute: Execute;
  readonly policy: Policy;
}

/** Handles everything below `/api`. Rejects with a fault that the caller tells the client. */
export function createApi({
  catalog,
  execute,
  policy,
}: ApiParts): (req: Request, res: Response) => Promise<void> {
  const kept = recent<Prepared>(KEPT_REQUESTS);

  const prepare = (url: string, accept: string | undefined): Prepared => {
    const representation = negotiate(accept);
    const fresh = (): Prepared => {
      const parsed = parseRest(url, representation, catalog, policy);
      return { ...parsed, format: formatOf(parsed, catalog) };
    };
    return url.length > KEPT_URL_CHARS ? fresh() : kept(`${representation} ${url}`, fresh);
  };

  return async (req, res) => {
    if (!allows(req, res)) return;
    const prepared = prepare(req.originalUrl, req.headers.accept);
    await answer(prepared, req, res, { execute, policy, requestId: requestIdOf(req) });
  };
}

/** True to go on. OPTIONS is answered here; a method that no path has throws with `Allow` set. */
export function allows(req: Request, res: Response): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return true;
  res.setHeader('Allow', METHODS.join(', '));
  if (req.method === 'OPTIONS') {
    res.statusCode = 204;
    res.end();
    return false;
  }
  throw new Fault('invalid', `${req.method} is not one of ${METHODS.join(', ')}`, {
    code: 'method-not-allowed',
  });
}
