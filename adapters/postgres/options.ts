// Knows: the options of a PostgreSQL source.
// Must not know: what is done with them.

import { z } from 'zod';
import { secretReference } from '#spi';
import { noTls, portOption, serverShape, TLS_DOC, tlsShape } from '../sql/server-options.ts';

const tls = z.strictObject({
  ...tlsShape,
  serverName: z.string().min(1).optional().describe('Name in the certificate where it is not the host'),
});

export const options = z
  .strictObject({
    url: secretReference
      .optional()
      .describe(
        'Secret that holds postgres://user:password@host:port/database; instead of host, database and user',
      ),
    ...serverShape,
    port: portOption(5432),
    tls: z.union([noTls, tls]).default(tls.parse({})).describe(TLS_DOC),
    settings: z
      .record(z.string().regex(/^[a-z_][a-z0-9_.]*$/), z.string())
      .default({})
      .describe('Settings of each session: statement_timeout: 30s'),
    prepare: z
      .boolean()
      .default(true)
      .describe(
        'Keep statements prepared on their connections; not through a pooler that hands out another session for each transaction and does not know them',
      ),
    schemas: z.array(z.string().min(1)).min(1).optional().describe('Schemas that are read; by default all'),
  })
  .superRefine((given, context) => {
    const parts = [given.host, given.database, given.user];
    const whole = given.url !== undefined;
    const wrong = whole
      ? parts.some((part) => part !== undefined) || given.password !== undefined
      : parts.some((part) => part === undefined);
    if (wrong) {
      context.addIssue({
        code: 'custom',
        message: 'give either url, or host, database and user',
        path: ['url'],
      });
    }
  });

export type PostgresOptions = z.infer<typeof options>;
