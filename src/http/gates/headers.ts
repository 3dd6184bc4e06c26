// Knows: the headers that tell browsers what they must not do with any answer of the server.
// Must not know: who may ask from elsewhere (cors), what is answered.

import type { Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** One year, in seconds: what lists of such hosts ask for. */
const HSTS_S = 31_536_000;

/**
 * Strict, because answers are data: nothing in them is run, framed or guessed at. Pages set a Content-Security-Policy of their own. Headers
 * for browsers that are gone are left out. HTTPS is insisted on only where the request came by it (RFC 6797, section 7.2).
 */
export function secureHeaders(): RequestHandler {
  const all = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: false,
    // `nameRequest` sets it: it counts for every answer.
    xContentTypeOptions: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  const insist = helmet.strictTransportSecurity({ maxAge: HSTS_S, includeSubDomains: false });
  let strict: Headers | undefined;
  return (req, res, next) => {
    if (strict === undefined) strict = setBy(all, req, res);
    else for (const [name, value] of strict) res.setHeader(name, value);
    if (req.secure) insist(req, res, next);
    else next();
  };
}

type Headers = readonly (readonly [name: string, value: string])[];

/** They are the same for every answer: what the first one got is kept. */
function setBy(handler: ReturnType<typeof helmet>, req: Request, res: Response): Headers {
  const before = new Set(res.getHeaderNames());
  handler(req, res, (error) => {
    if (error !== undefined) throw error;
  });
  return res
    .getHeaderNames()
    .flatMap((name) => (before.has(name) ? [] : [[name, String(res.getHeader(name))]]));
}
