// Knows: the headers that tell browsers what they must not do with any answer of the server.
// Must not know: who may ask from elsewhere (cors), what is answered.

import type { RequestHandler } from 'express';
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
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  const insist = helmet.strictTransportSecurity({ maxAge: HSTS_S, includeSubDomains: false });
  return (req, res, next) => {
    all(req, res, (error) => {
      if (error !== undefined || !req.secure) next(error);
      else insist(req, res, next);
    });
  };
}
