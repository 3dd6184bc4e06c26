// The MariaDB or MySQL server of the tests and a database of their own in it, dropped when the test is over.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2';
import { type Connection, createConnection } from 'mysql2/promise';
import type { Source } from '#spi';
import { adapter } from '../../../adapters/mysql/mysql.ts';
import { skipUnless } from '../../skip.ts';
import { host } from '../sql/reading.ts';

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

/** The model of a database in a file: sources that are opened with it do not read the catalog. */
export async function savedModel(own: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-model-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const given = adapter.options.parse({ ...access, databases: [own], collections: {} });
  const described = await adapter.describe?.(given, host, new AbortController().signal);
  const file = join(folder, 'model.json');
  writeFileSync(file, described?.text ?? '');
  return file;
}

/** Closes from the server's side the connection that sleeps in the database, once there is one. */
export async function killSleeping(own: string): Promise<void> {
  const connection = await connected();
  try {
    for (let i = 0; i < 500; i++) {
      const [rows] = await connection.query<RowDataPacket[]>(
        "select id from information_schema.processlist where db = ? and state = 'User sleep'",
        [own],
      );
      const id: unknown = rows[0]?.['id'];
      if (typeof id === 'number') {
        await connection.query(`kill connection ${id}`);
        return;
      }
      await setTimeout(20);
    }
    throw new Error('nothing sleeps');
  } finally {
    await connection.end();
  }
}

export { byId, everything, fault, host, never, readAll } from '../sql/reading.ts';
