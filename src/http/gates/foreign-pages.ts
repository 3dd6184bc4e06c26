// Knows: what a page of another site can make a browser do without asking first, and how such requests are told from all others.
// Must not know: which pages may ask (cors), who asks, what is asked.

import type { Request, RequestHandler } from 'express';
import { Fault } from '../../fault.ts';

/**
 * Refuses what a form of another site can send: a POST whose body, also one of no bytes, is not said to be JSON. A browser asks before it sends
 * JSON elsewhere (Fetch, section 2.2.2), forms are sent unasked, and with the client certificate, from the machine and within the network of
 * who looks at the page. `allowed`: origins that the configuration names.
 */
export function refuseForms(allowed: readonly string[] = []): RequestHandler {
  const named: ReadonlySet<string> = new Set(allowed.map((origin) => new URL(origin).origin));
  return (req, _res, next) => {
    const { origin } = req.headers;
    if (req.method !== 'POST' || origin === undefined || named.has(origin) || saysJson(req) || isOwn(req))
      return next();
    next(
      new Fault('forbidden', 'A page of another site may not send this', {
        code: 'foreign-origin',
        hint: 'Content-Type: application/json, and the origin of the page in server.cors.origins',
      }),
    );
  };
}

function saysJson({ headers }: Request): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json';
}

/** The browser says so, or the page has the very address that was asked. */
function isOwn(req: Request): boolean {
  const { origin = '', 'sec-fetch-site': site } = req.headers;
  if (site !== undefined) return site === 'same-origin';
  return URL.canParse(origin) && new URL(origin).host === req.host;
}

/** Domains that nobody can have on the internet (RFC 6761, RFC 6762, RFC 8375; ICANN 2024 for `internal`). */
const PRIVATE = /(?:^|\.)(?:localhost|local|internal|test|home\.arpa)$/;

/** No name ends in a number, and none has brackets. */
const ADDRESS = /^(?:\d+(?:\.\d+){3}|\[[\da-f:.]+\])$/;

/**
 * Whether a `Host` is an address, or a name that only this machine or its network can have given. Under a name of his own, somebody on the
 * internet can lead a browser here, and his page may then read what is answered (DNS rebinding). Absent: no browser asks.
 */
export function isNear(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return ADDRESS.test(name) || !name.includes('.') || PRIVATE.test(name);
}
