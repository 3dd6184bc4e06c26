// Knows: how long one request may take, and that it takes no longer, whatever hangs.
// Must not know: what is asked. Streams of changes lift the limit themselves.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { Fault } from '../../fault.ts';
import type { Observe } from '../../observe.ts';
import type { Policy } from '../../policy.ts';
import { begin, begun } from '../../query/context.ts';
import { readWait } from '../../rest/conditions.ts';
import { sendFault } from '../send.ts';

/** How long whoever handles the request has for telling the client itself, in milliseconds. */
const LAST_WORD_MS = 30;

/**
 * The request's signal is aborted when its time is over. Who then does not answer is answered for: before the first byte as a fault, behind
 * it by cutting the connection; so is a client that does not send its request, or does not read the answer.
 */
export function limitTime({ http, watch }: Policy, observe: Observe): RequestHandler {
  return (req, res, next) => {
    const context = begun(req);
    if (context?.end === undefined) return next();
    const { end } = context;
    const wait = readWait(req.headers.prefer);
    const wanted = wait === undefined ? http.requestMs : wait * 1_000;
    const requestMs = Math.min(wanted, http.requestMs);
    // RFC 7240, section 2: only a preference that is met is told to be.
    if (wait !== undefined && wanted <= http.requestMs)
      res.appendHeader('Preference-Applied', `wait=${wait}`);

    let timer = setTimeout(() => {
      end(overdue(requestMs));
      timer = setTimeout(() => conclude(req, res, requestMs, observe), LAST_WORD_MS);
    }, requestMs);
    res.once('close', () => clearTimeout(timer));
    begin(req, {
      ...context,
      lift: () => {
        clearTimeout(timer);
        // Who takes nothing of what is told, signs of life included, is not there.
        res.setTimeout(Math.max(http.requestMs, 2 * watch.heartbeatMs), () => res.destroy());
      },
    });
    next();
  };
}

/** The reason with which a request's signal is aborted when its time is over. */
export function overdue(requestMs: number): Fault {
  return new Fault('timeout', `The request was not answered within ${requestMs} ms`, {
    code: 'request-timeout',
  });
}

function conclude(req: IncomingMessage, res: ServerResponse, requestMs: number, observe: Observe): void {
  if (res.writableFinished || res.destroyed) return;
  // Whoever is late may still try to write.
  res.on('error', () => {});
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.setHeader('Connection', 'close');
  sendFault(req, res, req.complete ? overdue(requestMs) : slow(requestMs), observe);
  // A body that is still on its way is not waited for.
  res.once('finish', () => req.destroy());
}

/** RFC 9110, section 15.5.9. */
function slow(requestMs: number): Fault {
  return new Fault('invalid', `The request had not come as a whole after ${requestMs} ms`, {
    code: 'slow-request',
  });
}
