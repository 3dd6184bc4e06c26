// Knows: the options of an Oracle source.
// Must not know: what is done with them.

import { z } from 'zod';
import { secretReference } from '#spi';
import { noTls, portOption, serverShape, TLS_DOC } from '../sql/server-options.ts';
import { SETTINGS } from './session.ts';

const tls = z.strictObject({
  matchName: z
    .boolean()
    .default(true)
    .describe('The certificate must name the host of the server (ssl_server_dn_match)'),
  serverDn: z
    .string()
    .min(1)
    .optional()
    .describe('The certificate must have just this distinguished name, instead of the name of the host'),
});

const wallet = z.strictObject({
  folder: z
    .string()
    .min(1)
    .describe('Folder of the wallet: ewallet.pem, or what the Oracle Client wants there'),
  password: secretReference.optional().describe('Password of the wallet'),
});

const client = z.strictObject({
  libDir: z.string().min(1).describe('Folder of the Oracle Client libraries'),
  configDir: z.string().min(1).optional().describe('Folder of its sqlnet.ora and tnsnames.ora'),
});

/** What may stand in a connect descriptor without ending a part of it. */
const WORD = /^[A-Za-z0-9_.$#:[\]-]+$/;
const word = (what: string) => z.string().regex(WORD).optional().describe(what);

const { database: _service, host: _host, ...shared } = serverShape;

export const options = z
  .strictObject({
    url: secretReference
      .optional()
      .describe(
        'Secret that holds oracle://user:password@host:port/service; instead of connectString or host, and user',
      ),
    connectString: z
      .string()
      .min(1)
      .optional()
      .describe('Easy Connect text, connect descriptor, or a name in tnsnames.ora; instead of host'),
    host: word('Host of the server'),
    port: portOption(1521),
    service: word('Name of the service'),
    sid: word('SID of an instance that has no service name'),
    ...shared,
    externalAuth: z
      .boolean()
      .default(false)
      .describe(
        'The login is made outside of the database (wallet, operating system): without user and password',
      ),
    edition: z.string().min(1).optional().describe('Edition of the session (edition-based redefinition)'),
    tls: z.union([noTls, tls]).default(tls.parse({})).describe(TLS_DOC),
    wallet: wallet
      .optional()
      .describe('Wallet with certificates, and with the login where externalAuth is set'),
    configDir: z.string().min(1).optional().describe('Folder of tnsnames.ora'),
    client: client
      .optional()
      .describe(
        'Thick mode, through the Oracle Client libraries: for servers before 12.1. It holds for all Oracle sources of the process',
      ),
    version: z
      .union([z.literal(11), z.literal(12)])
      .default(12)
      .describe('11: the SQL of servers before 12.1, which know no FETCH FIRST'),
    settings: z
      .partialRecord(z.enum(SETTINGS), z.string())
      .default({})
      .describe('Parameters of each session (ALTER SESSION): nls_date_format: YYYY-MM-DD'),
    schemas: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Schemas that are read, by default all but those of Oracle itself'),
  })
  .superRefine((given, context) => {
    const wrong = whatIsWrong(given);
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong, path: ['url'] });
  });

interface Given {
  readonly url?: unknown;
  readonly connectString?: unknown;
  readonly host?: unknown;
  readonly service?: unknown;
  readonly sid?: unknown;
  readonly user?: unknown;
  readonly password?: unknown;
  readonly externalAuth: boolean;
}

function whatIsWrong(given: Given): string | undefined {
  const { url, connectString, host, service, sid, user, password, externalAuth } = given;
  const parts = [host, service, sid];
  const login = externalAuth ? user === undefined && password === undefined : user !== undefined;
  const has = (value: unknown): boolean => value !== undefined;
  if (has(url)) {
    return parts.some(has) || has(connectString) || has(user) || has(password) || externalAuth
      ? 'give either url, or connectString or host, and a login'
      : undefined;
  }
  const place = has(connectString) ? !parts.some(has) : has(host) && [service, sid].filter(has).length === 1;
  if (!place) return 'give one of url, connectString, and host with service or sid';
  return login ? undefined : 'give user and password, or externalAuth without them';
}

export type OracleOptions = z.infer<typeof options>;
