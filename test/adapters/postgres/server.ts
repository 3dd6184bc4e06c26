// The PostgreSQL server of the tests and a schema of their own in it, dropped when the test is over.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Client } from 'pg';
import type { Source } from '#spi';
import { adapter } from '../../../adapters/postgres/postgres.ts';
import { skipUnless } from '../../skip.ts';
import { host } from '../sql/reading.ts';

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

export { byId, everything, fault, host, never, readAll } from '../sql/reading.ts';

/** The model of a schema in a file: sources that are opened with it do not read the catalog. */
export async function savedModel(own: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-model-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const given = adapter.options.parse({ ...access, schemas: [own], collections: {} });
  const described = await adapter.describe?.(given, host, new AbortController().signal);
  const file = join(folder, 'model.json');
  writeFileSync(file, described?.text ?? '');
  return file;
}
