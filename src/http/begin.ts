// Knows: how a request begins: its id, its context, and what is observed of it when it has ended.
// Must not know: paths, who asks.

import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { type Observe, unobserved } from '../observe.ts';
import { begin } from '../query/context.ts';
import { leavingSignal } from '../rest/leaving.ts';
import { EVENTS } from './api.ts';
import { pathOf } from './send.ts';

/**
 * Every request has an id, told back in `X-Request-Id`: the client's own if it is a plain one, else a new one. The
 * request's header is set to it as well, so that whoever handles the request finds the same id there.
 */
export function nameRequest(observe: Observe): RequestHandler {
  return (req, res, next) => {
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    req.headers['x-request-id'] = requestId;
    res.setHeader('X-Request-Id', requestId);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    begin(req, { requestId, signal: leavingSignal(res) });
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
