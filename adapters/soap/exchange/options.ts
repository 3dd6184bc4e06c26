// Knows: the options of how a service is reached: credentials, WS-Security, TLS, proxy, limits; and what its faults mean.
// Must not know: what is done with them.

import { z } from 'zod';
import { secretReference } from '#spi';

const user = z
  .union([z.string().min(1), secretReference])
  .describe('Name of the user; as it stands or as a reference to a secret');
const password = secretReference.describe('Password of the user');

const security = z
  .union([
    z.strictObject({ basic: z.strictObject({ user, password }).describe('Basic authentication (RFC 7617)') }),
    z.strictObject({
      bearer: z
        .strictObject({ token: secretReference.describe('The token') })
        .describe('Bearer token (RFC 6750)'),
    }),
    z.strictObject({
      ntlm: z
        .strictObject({
          user,
          password,
          domain: z.string().default('').describe('Windows domain'),
          workstation: z.string().default('').describe('Name of this machine, as the server may want it'),
        })
        .describe('NTLM version 2'),
    }),
  ])
  .describe('Credentials in HTTP');

const usernameToken = z.strictObject({
  user,
  password,
  type: z
    .enum(['text', 'digest'])
    .default('text')
    .describe('The password as it is, or its digest with nonce and time'),
  nonce: z.boolean().exactOptional().describe('Send a nonce; by default with a digest only'),
  created: z.boolean().default(true).describe('Send the time of creation'),
});

const x509 = z.strictObject({
  key: secretReference.describe('Private key, PEM'),
  certificate: secretReference.describe('Certificate of the key, PEM'),
  passphrase: secretReference.exactOptional().describe('Passphrase of the key'),
  algorithm: z.enum(['rsa-sha256', 'rsa-sha1', 'rsa-sha512']).default('rsa-sha256').describe('Signature'),
  digest: z.enum(['sha256', 'sha1', 'sha512']).default('sha256').describe('Digest of what is signed'),
  sign: z
    .array(z.enum(['Body', 'Timestamp', 'UsernameToken']))
    .min(1)
    .exactOptional()
    .describe('What is signed; by default Body, and Timestamp where it is sent'),
});

const wsSecurity = z
  .strictObject({
    usernameToken: usernameToken.exactOptional().describe('UsernameToken Profile 1.1'),
    x509: x509.exactOptional().describe('A signature over parts of the envelope (X.509 Token Profile 1.1)'),
    timestamp: z
      .boolean()
      .default(true)
      .describe('Send wsu:Timestamp: created now, expires ten minutes later'),
    mustUnderstand: z.boolean().default(true).describe('The service must understand the header or fail'),
    actor: z.string().exactOptional().describe('Actor (SOAP 1.1) or role (SOAP 1.2) that the header is for'),
  })
  .refine(
    ({ usernameToken: token, x509: signing, timestamp }) =>
      timestamp || token !== undefined || signing !== undefined,
    { message: 'expected usernameToken, x509 or timestamp: nothing else is sent' },
  )
  .refine(({ x509: signing, timestamp }) => timestamp || !signing?.sign?.includes('Timestamp'), {
    message: 'a timestamp that is not sent cannot be signed',
    path: ['x509', 'sign'],
  })
  .refine(
    ({ usernameToken: token, x509: signing }) =>
      token !== undefined || !signing?.sign?.includes('UsernameToken'),
    { message: 'a UsernameToken that is not there cannot be signed', path: ['x509', 'sign'] },
  )
  .describe('WS-Security header');

const tls = z
  .strictObject({
    ca: secretReference
      .exactOptional()
      .describe('Certificates that are trusted instead of the usual ones, PEM'),
    certificate: secretReference.exactOptional().describe('Client certificate, PEM'),
    key: secretReference.exactOptional().describe('Key of the client certificate, PEM'),
    passphrase: secretReference.exactOptional().describe('Passphrase of the key'),
    serverName: z
      .string()
      .exactOptional()
      .describe('Name that the certificate must have, where it is not the host’s'),
    minVersion: z
      .enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
      .default('TLSv1.2')
      .describe('Lowest version; the old ones only for servers that know no other'),
    ciphers: z
      .string()
      .exactOptional()
      .describe('Ciphers in the words of OpenSSL; old servers may need @SECLEVEL=0'),
    verify: z
      .boolean()
      .default(true)
      .describe(
        'false: any certificate is taken, so anybody in between can read and change everything. For tests only',
      ),
  })
  .describe('TLS');

const proxy = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).describe('Address of the proxy, without credentials'),
    user: user.exactOptional(),
    password: password.exactOptional(),
  })
  .describe('HTTP proxy between the gateway and the service');

const limits = z.strictObject({
  maxReplyBytes: z.int().min(1_024).default(16_777_216).describe('Bytes of a reply, packed or unpacked'),
  maxDepth: z.int().min(10).default(100).describe('Nesting of elements in a reply'),
  maxAttributes: z.int().min(10).default(256).describe('Attributes of one element in a reply'),
  maxElements: z.int().min(100).default(1_000_000).describe('Elements of a reply'),
});

/** Members of a SOAP source. */
export const exchangeOptions = {
  security: security.exactOptional(),
  wsSecurity: wsSecurity.exactOptional(),
  tls: tls.prefault({}),
  proxy: proxy.exactOptional(),
  connections: z.int().min(1).max(1_000).default(50).describe('Connections to the service at the same time'),
  limits: limits.prefault({}).describe('What a reply may be'),
  gzip: z.boolean().default(false).describe('Send requests packed with gzip; replies may always be packed'),
  mtom: z
    .boolean()
    .default(false)
    .describe('Send binary values as parts of their own (MTOM) instead of base64'),
  httpHeaders: z
    .record(z.string().regex(/^[\w-]+$/), z.union([z.string(), secretReference]))
    .default({})
    .describe('Further HTTP headers, as they stand or as references to secrets'),
} as const;

export const exchangeSchema = z.strictObject(exchangeOptions);
export type ExchangeOptions = z.infer<typeof exchangeSchema>;
export type SecurityOptions = z.infer<typeof security>;
export type WsSecurityOptions = z.infer<typeof wsSecurity>;
export type TlsOptions = z.infer<typeof tls>;

export const faultRule = z
  .strictObject({
    code: z
      .string()
      .min(1)
      .exactOptional()
      .describe('faultcode or Code without its prefix; Client also fits Client.NotFound'),
    subcode: z.string().min(1).exactOptional().describe('Subcode of SOAP 1.2 without its prefix'),
    detail: z.string().min(1).exactOptional().describe('Local name of an element in the detail'),
    as: z
      .enum([
        'not-found',
        'conflict',
        'invalid',
        'rejected',
        'forbidden',
        'stale',
        'too-costly',
        'throttled',
        'unsupported',
        'upstream',
        'unavailable',
        'timeout',
        'null',
      ])
      .describe('What it means; null: nothing is there, and that is no failure'),
  })
  .refine(({ code, subcode, detail }) => (code ?? subcode ?? detail) !== undefined, {
    message: 'expected code, subcode or detail',
  });
export type FaultRule = z.infer<typeof faultRule>;
