// Knows: which pages of other origins may ask from a browser, and what of an answer they may see (Fetch, section 3.3: CORS protocol).
// Must not know: who asks, what is answered.

import type { RequestHandler } from 'express';

export interface CorsOptions {
  /** As URLs: `https://app.example.com`. */
  readonly origins: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeS: number;
}

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/** What a page may send beside what it may always send. */
const SENT = [
  'Authorization',
  'Content-Type',
  'X-Api-Key',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Prefer',
  'traceparent',
  'tracestate',
  'Last-Event-ID',
  'X-Request-Id',
].join(', ');

/** What a page may read beside what it may always read. */
const SHOWN = [
  'ETag',
  'Link',
  'Location',
  'Content-Location',
  'Age',
  'Cache-Status',
  'X-As-Of',
  'X-Request-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Preference-Applied',
  'Idempotency-Replayed',
  'WWW-Authenticate',
].join(', ');

/**
 * Origins are compared as they are, none matches a pattern. To any other a browser shows nothing, because nothing is said here: its questions
 * are answered as if they came from no browser.
 */
export function allowOrigins({ origins, credentials, maxAgeS }: CorsOptions): RequestHandler {
  const allowed: ReadonlySet<string> = new Set(origins.map((origin) => new URL(origin).origin));
  return (req, res, next) => {
    // Also where no origin is named: a cache must not give a page what it has kept of another.
    res.appendHeader('Vary', 'Origin');
    const { origin } = req.headers;
    if (origin === undefined || !allowed.has(origin)) return next();
    res.setHeader('Access-Control-Allow-Origin', origin);
    if (credentials) res.setHeader('Access-Control-Allow-Credentials', 'true');
    if (req.method !== 'OPTIONS' || req.headers['access-control-request-method'] === undefined) {
      res.setHeader('Access-Control-Expose-Headers', SHOWN);
      return next();
    }
    // The browser asks first; it sends no credentials with that, so nobody is asked for any.
    res.setHeader('Access-Control-Allow-Methods', METHODS);
    res.setHeader('Access-Control-Allow-Headers', SENT);
    res.setHeader('Access-Control-Max-Age', maxAgeS);
    res.statusCode = 204;
    res.end();
  };
}
