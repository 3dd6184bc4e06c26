// Knows: how a request begins: its id, its context, its trace, and what is observed of it when it has ended.
// Must not know: paths, who asks.

import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { type Observe, unobserved } from '../observe.ts';
import { begin, begun } from '../query/context.ts';
import { readTrace, type Tracer, traceIdOf } from '../query/trace.ts';
import { leaving } from '../rest/leaving.ts';
import { EVENTS } from './api.ts';
import { REPLAYED } from './gates/idempotency.ts';
import { pathOf } from './send.ts';

export interface Beginning {
  /** Absent: no spans are made; the client's trace is passed on as it came. */
  readonly tracer?: Tracer;
  /** The route of a path: `/api/customers/{key}`. Undefined: nothing is there. */
  routeOf?(path: string): string | undefined;
}

/** Requests that this process has met, whichever server of it. */
let serials = 0;

/** The route of all paths where nothing is: clients can ask for any number of them. */
const NOWHERE = 'other';

/**
 * Every request has an id, told back in `X-Request-Id`: the client's own if it is a plain one, else a new one. The
 * request's header is set to it as well, so that whoever handles the request finds the same id there.
 */
export function nameRequest(observe: Observe, { tracer, routeOf }: Beginning = {}): RequestHandler {
  return (req, res, next) => {
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    req.headers['x-request-id'] = requestId;
    res.setHeader('X-Request-Id', requestId);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    const { traceparent, tracestate } = req.headers;
    const theirs = readTrace(traceparent, tracestate);
    const span = tracer?.request(req.method, theirs);
    const trace = span?.context ?? theirs;
    const serial = ++serials;
    const ending = leaving(res);
    begin(req, { requestId, serial, signal: ending.signal, end: (reason) => ending.abort(reason), ...trace });
    if (observe === unobserved && span === undefined) {
      next();
      return;
    }
    const began = performance.now();
    const { socket } = req;
    const sentBefore = socket.bytesWritten;
    const traceId = traceIdOf(trace);
    observe(BEGUN);
    res.once('close', () => {
      const path = pathOf(req);
      const route = routeOf?.(path) ?? NOWHERE;
      const aborted = !res.writableFinished;
      observe({
        kind: 'request',
        requestId,
        serial,
        method: req.method,
        path,
        status: res.statusCode,
        durationMs: performance.now() - began,
        ...eventsOf(res),
        ...(aborted ? { aborted } : {}),
        ...(res.hasHeader(REPLAYED) ? { replayed: true } : {}),
        ...clientOf(req),
        bytes: socket.bytesWritten - sentBefore,
        route,
        ...(traceId === undefined ? {} : { traceId }),
      });
      span?.end({ route, status: res.statusCode, aborted });
    });
    next();
  };
}

const BEGUN = { kind: 'begun' } as const;

/** Whoever was found out to ask. */
function clientOf(req: Request): { readonly client?: string } {
  const caller = begun(req)?.caller;
  return caller === undefined ? {} : { client: caller.client };
}

function eventsOf({ locals }: Response): { readonly events?: number } {
  const events: unknown = locals[EVENTS];
  return typeof events === 'number' ? { events } : {};
}
