// The MariaDB or MySQL server of the tests and a database of their own in it, dropped when the test is over.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { type Connection, createConnection } from 'mysql2/promise';
import { Fault, type FaultKind, type Host, type Order, type Query, type Row, type Source } from '#spi';
import { adapter } from '../../../adapters/mysql/mysql.ts';
import { skipUnless } from '../../skip.ts';

export const ADDRESS = { host: '127.0.0.1', port: 3306, user: 'root' } as const;

/** A connection that sees what the server sees. */
export function connected(): Promise<Connection> {
  return createConnection({
    ...ADDRESS,
    charset: 'utf8mb4',
    connectTimeout: 2_000,
    multipleStatements: true,
  });
}

async function isThere(): Promise<boolean> {
  try {
    await (await connected()).end();
    return true;
  } catch {
    return false;
  }
}

export const skip = skipUnless(
  await isThere(),
  'no MariaDB or MySQL server at 127.0.0.1:3306 (user root, no password)',
);

export const host: Host = {
  source: 'db',
  path: (relative) => relative,
  secret: () => Promise.reject(new Error('no secret here')),
  sliceMs: 10,
};

export const access = { ...ADDRESS, tls: false };

/** A new database, filled. */
export async function database(sql: string): Promise<string> {
  const name = `overpunch_${randomBytes(6).toString('hex')}`;
  const connection = await connected();
  try {
    await connection.query(
      `create database ${name} character set utf8mb4; use ${name}; set time_zone = '+00:00'`,
    );
    await connection.query(sql);
  } finally {
    await connection.end();
  }
  after(async () => {
    const last = await connected();
    await last.query(`drop database ${name}`);
    await last.end();
  });
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
    assert.doesNotMatch(error.message, /select|duplicate entry|doesn't exist|near '/i);
    return true;
  };
}
