// Knows: how the secrets of a source are read, once, when it is opened.
// Must not know: what they are for.

import type { Host, SecretReference } from '#spi';
import { badKey, certificateOf, checkPair, type PrivateKey, privateKeyOf } from './key-material.ts';
import type { ExchangeOptions, SecurityOptions, TlsOptions, WsSecurityOptions } from './options.ts';

export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | {
      readonly kind: 'ntlm';
      readonly user: string;
      readonly password: string;
      readonly domain: string;
      readonly workstation: string;
    };

export interface UsernameToken {
  readonly user: string;
  readonly password: string;
  readonly type: 'text' | 'digest';
  readonly nonce: boolean;
  readonly created: boolean;
}

export interface Signing {
  readonly key: PrivateKey;
  /** DER, in base64. */
  readonly certificate: string;
  readonly algorithm: 'rsa-sha256' | 'rsa-sha1' | 'rsa-sha512';
  readonly digest: 'sha256' | 'sha1' | 'sha512';
  readonly sign: readonly ('Body' | 'Timestamp' | 'UsernameToken')[];
}

export interface WsSecurity {
  readonly usernameToken?: UsernameToken;
  readonly signing?: Signing;
  readonly timestamp: boolean;
  readonly mustUnderstand: boolean;
  readonly actor?: string;
}

export interface TlsSecrets {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly minVersion: TlsOptions['minVersion'];
  readonly ciphers?: string;
  readonly rejectUnauthorized: boolean;
}

/** The options with every reference to a secret read. */
export interface Secured {
  readonly credentials: Credentials;
  readonly wsSecurity?: WsSecurity;
  readonly tls: TlsSecrets;
  readonly proxy?: string;
  readonly httpHeaders: Readonly<Record<string, string>>;
}

type Read = Pick<Host, 'secret'>;

/** Throws a misconfigured Fault for a secret that is not there. */
export async function readSecrets(options: ExchangeOptions, host: Read): Promise<Secured> {
  const { security, wsSecurity, tls, proxy, httpHeaders } = options;
  return {
    credentials: await credentialsOf(security, host),
    ...(wsSecurity === undefined ? {} : { wsSecurity: await wsSecurityOf(wsSecurity, host) }),
    tls: await tlsOf(tls, host),
    ...(proxy === undefined ? {} : { proxy: await proxyOf(proxy, host) }),
    httpHeaders: Object.fromEntries(
      await Promise.all(
        Object.entries(httpHeaders).map(async ([name, value]) => [name, await textOf(value, host)] as const),
      ),
    ),
  };
}

async function textOf(value: string | SecretReference, host: Read): Promise<string> {
  return typeof value === 'string' ? value : await host.secret(value);
}

async function optional(reference: SecretReference | undefined, host: Read): Promise<string | undefined> {
  return reference === undefined ? undefined : await host.secret(reference);
}

async function credentialsOf(security: SecurityOptions | undefined, host: Read): Promise<Credentials> {
  if (security === undefined) return { kind: 'none' };
  if ('basic' in security) {
    const { user, password } = security.basic;
    return { kind: 'basic', user: await textOf(user, host), password: await host.secret(password) };
  }
  if ('bearer' in security) return { kind: 'bearer', token: await host.secret(security.bearer.token) };
  const { user, password, domain, workstation } = security.ntlm;
  return {
    kind: 'ntlm',
    user: await textOf(user, host),
    password: await host.secret(password),
    domain,
    workstation,
  };
}

async function wsSecurityOf(options: WsSecurityOptions, host: Read): Promise<WsSecurity> {
  const { usernameToken: token, x509, timestamp, mustUnderstand, actor } = options;
  return {
    timestamp,
    mustUnderstand,
    ...(actor === undefined ? {} : { actor }),
    ...(token === undefined
      ? {}
      : {
          usernameToken: {
            user: await textOf(token.user, host),
            password: await host.secret(token.password),
            type: token.type,
            nonce: token.nonce ?? token.type === 'digest',
            created: token.created,
          },
        }),
    ...(x509 === undefined
      ? {}
      : {
          signing: await signingOf(x509, timestamp, host),
        }),
  };
}

type X509Options = NonNullable<WsSecurityOptions['x509']>;

async function signingOf(
  { key: reference, certificate: of, passphrase, algorithm, digest, sign }: X509Options,
  timestamp: boolean,
  host: Read,
): Promise<Signing> {
  const pem = await host.secret(reference);
  const secret = await optional(passphrase, host);
  const key = privateKeyOf('wsSecurity.x509.key', pem, secret);
  if (key.asymmetricKeyType !== 'rsa') throw badKey('wsSecurity.x509.key', 'is no key of RSA');
  const certificate = certificateOf('wsSecurity.x509.certificate', await host.secret(of));
  checkPair('wsSecurity.x509.key', certificate, key);
  return {
    key,
    certificate: certificate.raw.toString('base64'),
    algorithm,
    digest,
    sign: sign ?? (timestamp ? ['Body', 'Timestamp'] : ['Body']),
  };
}

async function tlsOf(
  { ca, certificate, key, passphrase, serverName, minVersion, ciphers, verify }: TlsOptions,
  host: Read,
): Promise<TlsSecrets> {
  const [ofCa, cert, ofKey, phrase] = await Promise.all(
    [ca, certificate, key, passphrase].map((reference) => optional(reference, host)),
  );
  const read = {
    ...(ofCa === undefined ? {} : { ca: ofCa }),
    ...(cert === undefined ? {} : { cert }),
    ...(ofKey === undefined ? {} : { key: ofKey }),
    ...(phrase === undefined ? {} : { passphrase: phrase }),
  };
  checkTls(read);
  return {
    ...read,
    ...(serverName === undefined ? {} : { servername: serverName }),
    minVersion,
    ...(ciphers === undefined ? {} : { ciphers }),
    rejectUnauthorized: verify,
  };
}

type TlsFiles = Pick<TlsSecrets, 'ca' | 'cert' | 'key' | 'passphrase'>;

function checkTls({ ca, cert, key, passphrase }: TlsFiles): void {
  if (ca !== undefined) certificateOf('tls.ca', ca);
  const certificate = cert === undefined ? undefined : certificateOf('tls.certificate', cert);
  // A key may stand in the file of its certificate.
  const pem = key ?? (cert !== undefined && /-----BEGIN [A-Z ]*PRIVATE KEY/.test(cert) ? cert : undefined);
  const own = pem === undefined ? undefined : privateKeyOf('tls.key', pem, passphrase);
  if (certificate !== undefined && own !== undefined) checkPair('tls.key', certificate, own);
  else if (certificate !== undefined) throw badKey('tls.key', 'is missing beside tls.certificate');
  else if (own !== undefined) throw badKey('tls.certificate', 'is missing beside tls.key');
}

async function proxyOf(
  { url, user, password }: NonNullable<ExchangeOptions['proxy']>,
  host: Read,
): Promise<string> {
  const address = new URL(url);
  if (user !== undefined) address.username = encodeURIComponent(await textOf(user, host));
  if (password !== undefined) address.password = encodeURIComponent(await host.secret(password));
  return address.href;
}
