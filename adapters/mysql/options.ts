// Knows: the options of a MySQL or MariaDB source.
// Must not know: what is done with them.

import { z } from 'zod';
import { secretReference } from '#spi';
import { collectionsOptions } from '../sql/options.ts';

const file = (what: string) => z.string().min(1).optional().describe(what);

const tls = z.strictObject({
  verify: z
    .boolean()
    .default(true)
    .describe('Check the certificate of the server and its name; false accepts any server that answers'),
  ca: file('File with the certificates that are trusted instead of the public ones (PEM)'),
  cert: file('File with the certificate of the gateway (PEM)'),
  key: file('File with the private key of that certificate (PEM)'),
  minVersion: z
    .enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
    .default('TLSv1.2')
    .describe('Oldest TLS accepted'),
});

const pool = z.strictObject({
  max: z.int().min(1).max(1000).default(10).describe('Most connections at once'),
  idleMs: z.int().min(0).default(30_000).describe('An unused connection is closed after this; 0: never'),
  maxLifetimeMs: z.int().min(0).default(1_800_000).describe('A connection is replaced after this; 0: never'),
  waitMs: z.int().min(1).default(10_000).describe('Longest wait for a connection: a free one, or a new one'),
});

export const options = z
  .strictObject({
    url: secretReference
      .optional()
      .describe(
        'Secret that holds mysql://user:password@host:port/database; instead of host or socket, and user',
      ),
    host: z.string().min(1).optional().describe('Host of the server'),
    port: z.int().min(1).max(65_535).default(3306).describe('Port of the server'),
    socket: z.string().min(1).optional().describe('Unix socket of the server, instead of host and port'),
    database: z.string().min(1).optional().describe('Name of the database'),
    user: z.string().min(1).optional().describe('Login of the gateway'),
    password: secretReference.optional().describe('Password of the login'),
    tls: z
      .union([z.literal(false).describe('No TLS: texts and passwords cross the network unprotected'), tls])
      .default({ verify: true, minVersion: 'TLSv1.2' })
      .describe('TLS to the server; on and checked unless said otherwise'),
    pool: pool.default(pool.parse({})).describe('Connections to the server'),
    applicationName: z
      .string()
      .min(1)
      .max(63)
      .default('overpunch')
      .describe('Name that the server lists its connections under (connect attribute program_name)'),
    readOnly: z.boolean().default(true).describe('Transactions of its sessions only read'),
    settings: z
      .record(z.string().regex(/^[a-z_][a-z0-9_]*$/), z.union([z.string(), z.int()]))
      .default({})
      .describe('Variables of each session: max_statement_time: 30'),
    databases: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Databases of the server that are read; by default the one connected to, else all'),
    model: z
      .string()
      .min(1)
      .optional()
      .describe('Saved model of the database (JSON): the gateway then starts while the server is down'),
    collections: collectionsOptions,
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
