// Knows: the options of a SQL Server source.
// Must not know: what is done with them.

import { z } from 'zod';
import { secretReference } from '#spi';
import { noTls, portOption, serverShape, TLS_DOC, tlsShape } from '../sql/server-options.ts';

const tls = z.strictObject({
  ...tlsShape,
  minVersion: z
    .enum(['TLSv1', 'TLSv1.1', 'TLSv1.2'])
    .default('TLSv1.2')
    .describe('Oldest TLS accepted; TLSv1 is for servers before 2016 that were not updated'),
  serverName: z
    .string()
    .min(1)
    .optional()
    .describe('Name in the certificate, where that is not the host; needed where the host is an IP address'),
  strict: z
    .boolean()
    .default(false)
    .describe('TLS before anything else is said (TDS 8, SQL Server 2022 and Azure)'),
});

const text = (what: string) => z.string().min(1).describe(what);
const clientId = text('Application (client) ID');
const tenantId = text('Tenant ID');
const secret = (what: string) => secretReference.describe(what);

const azure = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('password').describe('User and password of Entra ID'),
    clientId,
    tenantId,
  }),
  z.strictObject({
    type: z.literal('access-token').describe('A token that was fetched before'),
    token: secret('The token'),
  }),
  z.strictObject({
    type: z.literal('service-principal').describe('Login of an application'),
    clientId,
    clientSecret: secret('Secret of the application'),
    tenantId,
  }),
  z.strictObject({
    type: z.literal('managed-identity').describe('Identity of the virtual machine'),
    clientId: clientId.optional(),
  }),
  z.strictObject({
    type: z.literal('default').describe('Whatever login the environment offers'),
    clientId: clientId.optional(),
  }),
]);

export const options = z
  .strictObject({
    url: secretReference
      .optional()
      .describe(
        'Secret that holds mssql://user:password@host:port/database; instead of host, user and password',
      ),
    ...serverShape,
    port: portOption(1433),
    instance: z
      .string()
      .min(1)
      .optional()
      .describe('Named instance: its port is asked of the SQL Server Browser, instead of port'),
    domain: text('Windows domain of the login, which is then one by NTLM').optional(),
    azure: azure.optional().describe('Login by Microsoft Entra ID (Azure AD)'),
    tls: z.union([noTls, tls]).default(tls.parse({})).describe(TLS_DOC),
    tdsVersion: z
      .enum(['7_1', '7_2', '7_3_A', '7_3_B', '7_4'])
      .default('7_4')
      .describe('Newest protocol that is offered to the server; an old one may need 7_1 (SQL Server 2000)'),
    readOnlyIntent: z
      .boolean()
      .default(false)
      .describe('ApplicationIntent=ReadOnly: availability groups then give a readable secondary'),
    settings: z
      .record(
        z.string().regex(/^[a-z_]+(?: [a-z_]+)*$/i),
        z.union([z.string().regex(/^[a-z_]+(?: [a-z_]+)*$/i), z.int()]),
      )
      .default({})
      .describe('SET options of each statement: lock_timeout: 5000'),
    schemas: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Schemas of the database that are read; by default all'),
  })
  .superRefine(({ url, host, user, password, database, domain, azure: entra }, context) => {
    const byName = entra === undefined || entra.type === 'password';
    const wrong =
      url === undefined
        ? host === undefined || (byName && user === undefined)
        : [host, user, password, database].some((part) => part !== undefined);
    if (wrong) {
      context.addIssue({ code: 'custom', message: 'give either url, or host and user', path: ['url'] });
    }
    if (domain !== undefined && entra !== undefined) {
      context.addIssue({ code: 'custom', message: 'give domain or azure, not both', path: ['azure'] });
    }
  });

export type MssqlOptions = z.infer<typeof options>;
