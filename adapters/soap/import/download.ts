// Knows: how a document is fetched over HTTP: redirects, statuses, and to whom credentials go.
// Must not know: TLS, proxies, what the documents mean.

import { Fault } from '#spi';
import type { HttpReply, Transport } from '../exchange/transport.ts';
import { shownAddress } from '../wsdl/address.ts';
import type { FetchDocument, FetchedDocument } from '../wsdl/load.ts';

export interface Download {
  /** The only origin that is asked with credentials: that of the first address. */
  readonly origin: string;
  /** With credentials, for that origin. */
  readonly trusted: Transport;
  /** `Authorization` and whatever else there is for it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without any, for all others. */
  readonly others: Transport;
  /** A signal for one request. */
  deadline(): AbortSignal;
}

const MAX_REDIRECTS = 5;

export function downloading(download: Download): FetchDocument {
  return async (url) => {
    const seen = new Set<string>();
    for (let at = url; ; ) {
      seen.add(at);
      const reply = await get(at, download);
      const next = redirection(at, reply);
      if (next === undefined) return document(url, at, reply, download.origin);
      if (seen.has(next)) throw failed('redirect-loop', 'it redirects in a circle');
      if (seen.size > MAX_REDIRECTS)
        throw failed('redirect-loop', `it redirects more than ${MAX_REDIRECTS} times`);
      at = next;
    }
  };
}

async function get(
  url: string,
  { origin, trusted, headers, others, deadline }: Download,
): Promise<HttpReply> {
  const { origin: own, protocol } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Fault('invalid', `addresses that begin with ${protocol} cannot be fetched`, {
      code: 'bad-reference',
    });
  }
  const to = own === origin ? trusted : others;
  const accept = { accept: 'application/wsdl+xml, application/xml, text/xml, */*;q=0.1' };
  return await to.send({
    url,
    method: 'GET',
    headers: own === origin ? { ...accept, ...headers } : accept,
    mayRepeat: true,
    signal: deadline(),
  });
}

/** RFC 9110, section 15.4. From https nothing leads back to http: then anybody on the way could write the contract. */
function redirection(from: string, { status, headers }: HttpReply): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = headers['location'];
  if (location === undefined || !URL.canParse(location, from)) {
    throw failed('bad-redirect', 'it redirects without an address');
  }
  const next = new URL(location, from);
  next.hash = '';
  if (from.startsWith('https:') && next.protocol !== 'https:') {
    throw failed('bad-redirect', `it redirects from https to ${shownOrigin(next)}`);
  }
  if (next.username !== '' || next.password !== '') {
    throw failed('bad-redirect', 'it redirects to an address with credentials in it');
  }
  return next.href;
}

function shownOrigin({ origin, protocol }: URL): string {
  return origin === 'null' ? protocol : origin;
}

function document(
  asked: string,
  url: string,
  { status, headers, body }: HttpReply,
  origin: string,
): FetchedDocument {
  if (status !== 200) {
    const via = url === asked ? '' : ` at ${shownAddress(url, url)}`;
    throw failed(
      'http-status',
      `${STATUSES[status] ?? 'it cannot be had'} (HTTP status ${status}${via})`,
      hintOf(status, url, origin),
    );
  }
  const contentType = headers['content-type'];
  return {
    bytes: body,
    ...(contentType === undefined ? {} : { contentType }),
    ...(url === asked ? {} : { url }),
  };
}

const STATUSES: Readonly<Record<number, string>> = {
  401: 'credentials are needed, or were not accepted',
  403: 'it may not be read with these credentials',
  404: 'there is no such document',
  407: 'the proxy wants credentials',
  410: 'there is no such document any more',
};

function hintOf(status: number, url: string, origin: string): string | undefined {
  if (status !== 401 && status !== 403) return undefined;
  return new URL(url).origin === origin ? undefined : `Credentials are sent to ${origin} only.`;
}

function failed(code: string, message: string, hint?: string): Fault {
  return new Fault('unavailable', message, { code, ...(hint === undefined ? {} : { hint }) });
}
