// The PostgreSQL server of the tests and a schema of their own in it, dropped when the test is over.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { Client } from 'pg';
import { Fault, type FaultKind, type Host, type Order, type Query, type Row, type Source } from '#spi';
import { adapter } from '../../../adapters/postgres/postgres.ts';
import { skipUnless } from '../../skip.ts';

export const ADDRESS = { host: '127.0.0.1', port: 5432, user: 'postgres', database: 'test' } as const;

async function isThere(): Promise<boolean> {
  const client = new Client({ ...ADDRESS, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

export const skip = skipUnless(
  await isThere(),
  'no PostgreSQL server at 127.0.0.1:5432 (user postgres, database test)',
);

export const host: Host = {
  source: 'db',
  path: (relative) => relative,
  secret: () => Promise.reject(new Error('no secret here')),
  sliceMs: 10,
};

export const access = { ...ADDRESS, tls: false };

/** A connection that sees what the server sees. */
export async function connected(): Promise<Client> {
  const client = new Client({ ...ADDRESS, application_name: 'overpunch tests' });
  await client.connect();
  return client;
}

/** A new schema, filled; the SQL finds it without a name in front. */
export async function schema(sql: string): Promise<string> {
  const name = `overpunch_${randomBytes(6).toString('hex')}`;
  after(async () => {
    const last = await connected();
    await last.query(`drop schema if exists ${name} cascade`);
    await last.end();
  });
  const client = await connected();
  try {
    await client.query(`create schema ${name}; set search_path = ${name}, public`);
    await client.query(sql);
  } finally {
    await client.end();
  }
  return name;
}

/** Opens a source as the configuration would: options are validated first. */
export async function openSource(options: object): Promise<Source> {
  const source = await adapter.open(adapter.options.parse({ ...access, ...options }), host);
  after(() => source[Symbol.asyncDispose]());
  return source;
}

export const never = new AbortController().signal;
export const byId: Order = [{ field: 'id', type: { kind: 'int32' }, descending: false }];
export const everything: Query = { collection: 'rows', where: [], order: byId };

export async function readAll(source: Source, query: Query = everything, signal = never): Promise<Row[]> {
  const rows: Row[] = [];
  const fields = source.model.collections[0]?.fields.map(({ name }) => name) ?? [];
  for await (const batch of source.access(query).read({ fields, signal })) {
    for (let i = 0; i < batch.length; i++) rows.push(batch.row(i));
  }
  return rows;
}

/** For `assert.rejects`: this kind and code, and no word of the database. */
export function fault(kind: FaultKind, code: string, misconfigured = false) {
  return (error: unknown): true => {
    assert.ok(error instanceof Fault, String(error));
    assert.deepEqual([error.kind, error.code, error.misconfigured], [kind, code, misconfigured]);
    assert.doesNotMatch(error.message, /select|relation "|duplicate key|violates/i);
    return true;
  };
}
