// Knows: how flags, or the options of a configured source, become a way to fetch documents: who gets credentials and client certificates.
// Must not know: the documents, redirects.

import type { Host, ImportHost } from '#spi';
import { type Credentials, readSecrets, type Secured } from '../exchange/credentials.ts';
import { httpTransport, type TransportOptions } from '../exchange/http.ts';
import { type ExchangeOptions, exchangeSchema } from '../exchange/options.ts';
import type { Transport } from '../exchange/transport.ts';
import { LOAD_LIMITS } from '../wsdl/load.ts';
import { type AccessFlags, usage } from './access-flags.ts';
import type { Download } from './download.ts';

/** What the options of a SOAP source say about how it is reached. */
export type SourceAccess = ExchangeOptions;

/** Documents come one after the other. */
const CONNECTIONS = 2;

/** `origin`: who gets the credentials; empty for nobody. Throws a Fault for a secret that is not there. */
export async function openDownload(
  origin: string,
  access: { readonly options: SourceAccess; readonly host: Pick<Host, 'secret'> } | AccessFlags,
  host: ImportHost,
): Promise<Download & AsyncDisposable> {
  const secured =
    'options' in access
      ? await readSecrets(access.options, access.host)
      : await readSecrets(optionsOf(access), host);
  const trusted = await transportOf(secured);
  const others = httpTransport(withoutIdentity(secured));
  return {
    origin,
    trusted,
    others,
    headers: { ...lowerCased(secured.httpHeaders), ...authorization(secured.credentials) },
    deadline: () => host.deadline(),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([trusted, others].map((transport) => transport[Symbol.asyncDispose]()));
    },
  };
}

/** The flags in the words of a source's options. */
function optionsOf(flags: AccessFlags): ExchangeOptions {
  const { login, ntlm, domain, bearer, certificate, ca, insecure, proxy, headers } = flags;
  const url = proxy === undefined || !URL.canParse(proxy) ? undefined : new URL(proxy);
  if (proxy !== undefined && !/^https?:$/.test(url?.protocol ?? ''))
    throw usage('--proxy is no address of HTTP');
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw usage(
      'Credentials do not stand in the address of a proxy; a source of a configuration can have them',
    );
  }
  const security =
    login === undefined
      ? bearer && { bearer: { token: bearer } }
      : ntlm
        ? { ntlm: { ...login, ...(domain === undefined ? {} : { domain }) } }
        : { basic: login };
  return exchangeSchema.parse({
    ...(security === undefined ? {} : { security }),
    tls: {
      ...(ca === undefined ? {} : { ca: { file: ca } }),
      ...(certificate === undefined
        ? {}
        : {
            certificate: { file: certificate.cert },
            key: { file: certificate.key },
            ...(certificate.passphrase === undefined ? {} : { passphrase: certificate.passphrase }),
          }),
      verify: !insecure,
    },
    ...(proxy === undefined ? {} : { proxy: { url: proxy } }),
    httpHeaders: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
  });
}

async function transportOf(secured: Secured): Promise<Transport> {
  const { credentials, tls } = secured;
  const options = { ...shared(secured), tls };
  if (credentials.kind !== 'ntlm') return httpTransport(options);
  const { ntlmTransport } = await import('../exchange/ntlm.ts');
  return ntlmTransport(() => httpTransport({ ...options, connections: 1 }), 1, credentials);
}

/** Other hosts are trusted on the same terms, but do not learn who asks. */
function withoutIdentity(secured: Secured): TransportOptions {
  const { ca, minVersion, ciphers, rejectUnauthorized } = secured.tls;
  return {
    ...shared(secured),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      minVersion,
      ...(ciphers === undefined ? {} : { ciphers }),
      rejectUnauthorized,
    },
  };
}

function shared({ proxy }: Secured): TransportOptions {
  return {
    connections: CONNECTIONS,
    maxReplyBytes: LOAD_LIMITS.maxBytes,
    gzip: false,
    ...(proxy === undefined ? {} : { proxy }),
  };
}

function authorization(credentials: Credentials): Readonly<Record<string, string>> {
  switch (credentials.kind) {
    case 'basic': {
      const pair = new TextEncoder().encode(`${credentials.user}:${credentials.password}`);
      return { authorization: `Basic ${pair.toBase64()}` };
    }
    case 'bearer':
      return { authorization: `Bearer ${credentials.token}` };
    // The transport of NTLM speaks for itself.
    case 'ntlm':
    case 'none':
      return {};
  }
}

/** One header of a name: the credentials go before a header of the configuration. */
function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
