// Knows: how many headers a request may have.
// Must not know: what stands in them.

import type { RequestHandler } from 'express';
import { Fault } from '../../fault.ts';

/** No client and no chain of proxies needs more. */
const MAX_HEADERS = 200;

/** Refuses a request with too many header fields: none of them is passed over. */
export function boundedHeaders(): RequestHandler {
  return ({ rawHeaders }, res, next) => {
    // Names and values alternate.
    if (rawHeaders.length <= 2 * MAX_HEADERS) return next();
    res.setHeader('Connection', 'close');
    next(new Fault('invalid', `The request has more than ${MAX_HEADERS} headers`, { code: 'header-limit' }));
  };
}
