// Knows: the options of a MySQL or MariaDB source.
// Must not know: what is done with them.

import { z } from 'zod';
import { secretReference } from '#spi';
import { noTls, portOption, serverShape, TLS_DOC, tlsShape } from '../sql/server-options.ts';

const tls = z.strictObject(tlsShape);

export const options = z
  .strictObject({
    url: secretReference
      .optional()
      .describe(
        'Secret that holds mysql://user:password@host:port/database; instead of host or socket, and user',
      ),
    ...serverShape,
    port: portOption(3306),
    socket: z.string().min(1).optional().describe('Unix socket of the server, instead of host and port'),
    tls: z.union([noTls, tls]).default(tls.parse({})).describe(TLS_DOC),
    settings: z
      .record(z.string().regex(/^[a-z_][a-z0-9_]*$/), z.union([z.string(), z.int()]))
      .default({})
      .describe('Variables of each session: max_statement_time: 30'),
    databases: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Databases of the server that are read; by default the one connected to, else all'),
  })
  .superRefine(({ url, host, socket, user, password, database }, context) => {
    const parts = [host, socket, user, password, database];
    const wrong =
      url === undefined
        ? user === undefined || (host === undefined) === (socket === undefined)
        : parts.some((part) => part !== undefined);
    if (wrong) {
      context.addIssue({
        code: 'custom',
        message: 'give either url, or user and one of host and socket',
        path: ['url'],
      });
    }
  });

export type MysqlOptions = z.infer<typeof options>;
