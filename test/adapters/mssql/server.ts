// The SQL Server of the tests, and a schema of their own in it: a real one where MSSQL_URL names it (mssql://user:password@host:port/database,
// with a certificate that is not checked), else the stand-in.

import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import sql from 'mssql';
import type { Host, Source } from '#spi';
import { adapter } from '../../../adapters/mssql/mssql.ts';
import { serverAddress } from '../../../adapters/sql/server-address.ts';
import { type StandIn, standIn } from '../../fakes/tds/server.ts';
import { host as plainHost } from '../sql/reading.ts';

export const LOGIN = { user: 'sa', password: 'Secret "1"', database: 'bank' } as const;

const url = process.env['MSSQL_URL'];
const real =
  url === undefined
    ? undefined
    : serverAddress(url, { schemes: ['mssql', 'sqlserver'], port: 1433, databaseRequired: true });

/** The stand-in, where there is no real server. */
export const fake: StandIn | undefined = real === undefined ? await standIn(LOGIN) : undefined;
after(() => fake?.[Symbol.asyncDispose]());

/** For what only the stand-in can show: what was asked of it, and how. */
export const skipOnReal =
  real === undefined ? false : 'it looks into the stand-in, and MSSQL_URL names a real server';

const password = { env: 'PASSWORD' } as const;

export const access = {
  host: real?.host ?? 'localhost',
  port: real?.port ?? fake?.port,
  database: real?.database ?? LOGIN.database,
  user: real?.user ?? LOGIN.user,
  password,
  tls: real === undefined ? (false as const) : { verify: false },
};

export const host: Host = {
  ...plainHost,
  secret: async (reference) => {
    if ('env' in reference && reference.env === 'PASSWORD') return real?.password ?? LOGIN.password;
    return plainHost.secret(reference);
  },
};

/** Runs T-SQL, statement by statement, without the adapter. */
export async function run(...statements: readonly string[]): Promise<void> {
  if (fake !== undefined) {
    for (const statement of statements) fake.run(statement);
    return;
  }
  const pool = new sql.ConnectionPool({
    server: access.host,
    port: access.port ?? 1433,
    database: access.database,
    user: access.user,
    password: real?.password ?? '',
    options: { trustServerCertificate: true },
  });
  await pool.connect();
  for (const statement of statements) await pool.request().batch(statement);
  await pool.close();
}

/**
 * A new schema; `$S` in the statements stands for its name in brackets. What is named is dropped with it: a table, or `view v`, `synonym s`.
 */
export async function schema(made: readonly string[], ...statements: readonly string[]): Promise<string> {
  const name = `overpunch_${randomBytes(6).toString('hex')}`;
  await run(
    `create schema [${name}]`,
    ...statements.map((statement) => statement.replaceAll('$S', `[${name}]`)),
  );
  const drops = made.map((entry) => {
    const [, kind = 'table', own = entry] = /^(view|synonym|procedure|function) (.*)$/.exec(entry) ?? [];
    return `drop ${kind} [${name}].[${own}]`;
  });
  after(() => run(...drops, `drop schema [${name}]`));
  return name;
}

/** Opens a source as the configuration would: options are validated first. */
export async function openSource(options: object): Promise<Source> {
  const source = await adapter.open(adapter.options.parse({ ...access, ...options }), host);
  after(() => source[Symbol.asyncDispose]());
  return source;
}

/** A text of T-SQL; not of a request. */
export function quoted(value: string): string {
  return `N'${value.replaceAll("'", "''")}'`;
}

export { byId, everything, fault, never, readAll } from '../sql/reading.ts';
