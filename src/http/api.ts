// Knows: one REST request from its first header to its last byte.
// Must not know: other paths of the server, and how the gateway finds the rows.

import type { Request, Response } from 'express';
import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection, CatalogOperation } from '../model/catalog.ts';
import { recent } from '../model/recent.ts';
import { type Observe, unobserved } from '../observe.ts';
import type { Policy } from '../policy.ts';
import type { Execute, Invoke, Write } from '../query/request.ts';
import type { Watch } from '../query/watching.ts';
import { bodyInput, methodsOf, queryInput } from '../rest/call.ts';
import { answerChanges } from '../rest/changes.ts';
import { parseChanges } from '../rest/changes-request.ts';
import { formatOf } from '../rest/format.ts';
import { contextFor } from '../rest/leaving.ts';
import { negotiate, requireJson } from '../rest/negotiate.ts';
import { answerCall } from '../rest/operation-answer.ts';
import { parseRest } from '../rest/parse.ts';
import { answer, type Prepared } from '../rest/render.ts';
import { API, changesAt, isWritable, METHODS, methodsAt } from '../rest/routes.ts';
import { answerWrite } from '../rest/write.ts';
import { bodyReader } from './body.ts';
import { problemOf } from './problem.ts';
import { pathOf } from './send.ts';

/** The same URL asks for the same thing: what was understood last is kept, long URLs aside: they would fill memory. */
const KEPT_REQUESTS = 1_000;
const KEPT_URL_CHARS = 2_048;

/** Local of a response: how many events it has told, for who observes it. */
export const EVENTS = 'events';

/** RFC 7396 says what its own media type means; of rows, whole fields are merged. */
const PATCH_TYPES = ['application/merge-patch+json', 'application/json'];

export interface ApiParts {
  readonly catalog: Catalog;
  readonly execute: Execute;
  /** Absent: nothing can call operations. */
  readonly invoke?: Invoke;
  /** Absent: nothing can be written. */
  readonly write?: Write;
  /** Absent: nothing can be watched. */
  readonly watch?: Watch;
  readonly policy: Policy;
  readonly observe?: Observe;
}

/** Handles everything below `/api`. Rejects with a fault that the caller tells the client. */
export function createApi({
  catalog,
  execute,
  invoke,
  write,
  watch,
  policy,
  observe = unobserved,
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

  const readBody = bodyReader(policy);
  const writable = write !== undefined && isWritable(catalog);
  const readPatch = bodyReader(policy, PATCH_TYPES);

  const call = async (operation: CatalogOperation, req: Request, res: Response): Promise<void> => {
    if (!allows(req, res, methodsOf(operation))) return;
    requireJson(req.headers.accept);
    if (invoke === undefined) throw new Fault('unsupported', `"${operation.name}" cannot be called here`);
    const mark = req.originalUrl.indexOf('?');
    const query = mark < 0 ? '' : req.originalUrl.slice(mark + 1);
    if (req.method !== 'POST') {
      await answerCall(
        { operation, input: queryInput(operation, query), invoke, context: contextFor(req, res) },
        req,
        res,
      );
      return;
    }
    if (query !== '') throw noQuery(operation.name);
    const input = bodyInput(operation, await readBody(req, res));
    await answerCall({ operation, input, invoke, context: contextFor(req, res) }, req, res);
  };

  const tell = async (
    collection: CatalogCollection,
    told: Watch,
    req: Request,
    res: Response,
  ): Promise<void> => {
    if (!allows(req, res)) return;
    const { accept } = req.headers;
    const lastEventId = req.get('last-event-id');
    const asked = parseChanges(collection, { url: req.originalUrl, accept, lastEventId }, catalog);
    const context = contextFor(req, res);
    const { requestId, serial } = context;
    let events = 0;
    await answerChanges(asked, req, res, {
      watch: told,
      catalog,
      policy,
      context,
      problemOf: (fault) => problemOf(fault, pathOf(req), requestId),
      onFault: (fault) =>
        observe({ kind: 'fault', fault, requestId, ...(serial === undefined ? {} : { serial }) }),
      onEvent: () => {
        res.locals[EVENTS] = ++events;
      },
    });
  };

  return async (req, res) => {
    const watched = watch === undefined ? undefined : changesAt(catalog, pathOf(req));
    if (watch !== undefined && watched !== undefined) {
      await tell(watched, watch, req, res);
      return;
    }
    const operation = operationAt(catalog, pathOf(req));
    if (operation !== undefined) {
      await call(operation, req, res);
      return;
    }
    if (!allows(req, res, writable ? methodsAt(catalog, pathOf(req)) : METHODS)) return;
    if (write !== undefined && req.method !== 'GET' && req.method !== 'HEAD') {
      await answerWrite(req.originalUrl, req, res, {
        catalog,
        execute,
        write,
        policy,
        context: contextFor(req, res),
        readBody: () => (req.method === 'PATCH' ? readPatch(req, res) : readBody(req, res)),
      });
      return;
    }
    const prepared = prepare(req.originalUrl, req.headers.accept);
    await answer(prepared, req, res, { execute, policy, context: contextFor(req, res) });
  };
}

/** `/api/getScore`; anything below it is found missing with all other paths. */
function operationAt({ operations }: Catalog, path: string): CatalogOperation | undefined {
  return path.startsWith(`${API}/`) ? operations.get(path.slice(API.length + 1)) : undefined;
}

function noQuery(operation: string): Fault {
  return new Fault(
    'invalid',
    `The arguments of "${operation}" stand in the body of a POST, not in the address`,
    {
      code: 'unknown-parameter',
      operation,
    },
  );
}

/** True to go on. OPTIONS is answered here; a method that the path does not have throws with `Allow` set. */
export function allows(req: Request, res: Response, methods: readonly string[] = METHODS): boolean {
  if (req.method !== 'OPTIONS' && methods.includes(req.method)) return true;
  res.setHeader('Allow', methods.join(', '));
  if (methods.includes('PATCH')) res.setHeader('Accept-Patch', PATCH_TYPES.join(', '));
  if (req.method === 'OPTIONS') {
    res.statusCode = 204;
    res.end();
    return false;
  }
  throw new Fault('invalid', `${req.method} is not one of ${methods.join(', ')}`, {
    code: 'method-not-allowed',
  });
}
