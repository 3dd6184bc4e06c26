// The Oracle database of the tests: a real one where ORACLE_URL (oracle://user:password@host:port/service) names it, whose login may
// create tables, else the stand-in of test/fakes/oracledb.

import { after } from 'node:test';
import type { Host, Source } from '#spi';
import { oracleAdapter } from '../../../adapters/oracle/oracle.ts';
import { type FakeOracle, fakeOracle } from '../../fakes/oracledb/oracledb.ts';
import type { TestTable } from '../../fakes/oracledb/schema.ts';
import { host as plainHost } from '../sql/reading.ts';
import { realTables } from './real.ts';

const SCHEMA = 'BANK';
export const ORACLE_URL = process.env['ORACLE_URL'];

/** Secrets of the tests' configuration are what they are called. */
export const host: Host = {
  ...plainHost,
  secret: async (reference) =>
    'env' in reference && reference.env === 'ORACLE_URL'
      ? (ORACLE_URL ?? '')
      : `secret ${JSON.stringify(reference)}`,
};

export const access = {
  host: 'db.example.com',
  service: 'bank',
  user: 'reader',
  password: { env: 'PASSWORD' },
  tls: false,
};

/** Opens a source as the configuration would: options are validated first. */
export async function openFake(fake: FakeOracle, options: object, own: Host = host): Promise<Source> {
  const adapter = oracleAdapter(async () => fake.module);
  const source = await adapter.open(adapter.options.parse({ ...access, ...options }), own);
  after(() => source[Symbol.asyncDispose]());
  return source;
}

export interface Filled {
  readonly schema: string;
  open(options: object): Promise<Source>;
  /** Absent where the database is a real one. */
  readonly fake?: FakeOracle;
}

/** The tables, filled, in a database of their own. `real: false`: in the stand-in, whatever there is. */
export async function filled(
  tables: readonly TestTable[],
  { real = true, charset = 'AL32UTF8' }: { readonly real?: boolean; readonly charset?: string } = {},
): Promise<Filled> {
  if (ORACLE_URL === undefined || !real) {
    const fake = fakeOracle(SCHEMA, tables, charset);
    after(() => fake.database.close());
    return { schema: SCHEMA, fake, open: (options) => openFake(fake, options) };
  }
  const { schema, names, drop } = await realTables(ORACLE_URL, tables);
  after(drop);
  return {
    schema,
    open: ({ collections = {}, ...options }: { readonly collections?: object }) =>
      openReal({
        schemas: [schema],
        ...options,
        collections: Object.fromEntries(
          Object.entries(collections).map(([name, table]) => [name, renamed(table, schema, names)]),
        ),
      }),
  };
}

function renamed(
  table: { readonly table: string },
  schema: string,
  names: ReadonlyMap<string, string>,
): object {
  const own = table.table.slice(table.table.indexOf('.') + 1);
  return { ...table, table: `${schema}.${names.get(own) ?? own}` };
}

/** Opens a source of the real server. */
export async function openReal(options: object): Promise<Source> {
  const { adapter } = await import('../../../adapters/oracle/oracle.ts');
  const parsed = adapter.options.parse({ url: { env: 'ORACLE_URL' }, tls: false, ...options });
  const source = await adapter.open(parsed, host);
  after(() => source[Symbol.asyncDispose]());
  return source;
}

export { byId, everything, fault, never, readAll } from '../sql/reading.ts';
