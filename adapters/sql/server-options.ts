// Knows: the options of every source that is a database server: TLS, pool, login; each product adds its own.
// Must not know: any product, what is done with them.

import { z } from 'zod';
import { secretReference } from '#spi';
import { operationsOptions } from './operation-options.ts';
import { collectionsOptions } from './options.ts';

const file = (what: string) => z.string().min(1).optional().describe(what);

/** Options inside `tls` that every product has. */
export const tlsShape = {
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
};

/** Beside it stands what the product's `tls` holds. */
export const noTls = z.literal(false).describe('No TLS: texts and passwords cross the network unprotected');

export const TLS_DOC = 'TLS to the server; on and checked unless said otherwise';

const pool = z.strictObject({
  max: z.int().min(1).max(1000).default(10).describe('Most connections at once'),
  idleMs: z.int().min(0).default(30_000).describe('An unused connection is closed after this; 0: never'),
  maxLifetimeMs: z.int().min(0).default(1_800_000).describe('A connection is replaced after this; 0: never'),
  waitMs: z.int().min(1).default(10_000).describe('Longest wait for a connection: a free one, or a new one'),
});

/** Options of the source that every product has. */
export const serverShape = {
  host: z.string().min(1).optional().describe('Host of the server'),
  database: z.string().min(1).optional().describe('Name of the database'),
  user: z.string().min(1).optional().describe('Login of the gateway'),
  password: secretReference.optional().describe('Password of the login'),
  pool: pool.default(pool.parse({})).describe('Connections to the server'),
  applicationName: z
    .string()
    .min(1)
    .max(63)
    .default('overpunch')
    .describe('Name that the server lists its connections under'),
  readOnly: z.boolean().default(true).describe('Transactions of its sessions only read'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Saved model of the database (JSON): the gateway then starts while the server is down'),
  collections: collectionsOptions,
  operations: operationsOptions,
};

export function portOption(standard: number) {
  return z.int().min(1).max(65_535).default(standard).describe('Port of the server');
}
