// Tables in a real Oracle database, under names of their own, dropped when the tests are over. Written for ORACLE_URL; no such
// server runs in the checks.

import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import oracledb from 'oracledb';
import type { TestTable, TestValue } from '../../fakes/oracledb/schema.ts';

export interface RealTables {
  readonly schema: string;
  /** Name of the test → name in the database. */
  readonly names: ReadonlyMap<string, string>;
  drop(): Promise<void>;
}

function connect(url: string) {
  const { hostname, port, pathname, username, password } = new URL(url);
  return oracledb.getConnection({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectString: `${hostname}:${port === '' ? 1521 : port}${pathname}`,
  });
}

const MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS';

/** What makes the type of a text. */
function placeholder(type: string, at: number): string {
  if (/^(?:NUMBER|FLOAT)/.test(type)) return `to_number(:${at})`;
  if (type === 'DATE') return `to_date(:${at}, '${MOMENT}')`;
  if (type.includes('LOCAL TIME ZONE') || type.includes('WITH TIME ZONE')) {
    return `from_tz(to_timestamp(:${at}, '${MOMENT}.FF9'), '+00:00')`;
  }
  return type.startsWith('TIMESTAMP') ? `to_timestamp(:${at}, '${MOMENT}.FF9')` : `:${at}`;
}

function bound(type: string, value: TestValue) {
  if (value instanceof Uint8Array) return { type: oracledb.DB_TYPE_RAW, val: Buffer.from(value) };
  if (/^N(?:CHAR|VARCHAR2)/.test(type)) return { type: oracledb.DB_TYPE_NVARCHAR, val: value };
  if (type.startsWith('BINARY_')) return { type: oracledb.DB_TYPE_BINARY_DOUBLE, val: value };
  if (type.startsWith('TIMESTAMP') && typeof value === 'string') {
    const moment = value.replace(/Z$/, '');
    return { type: oracledb.DB_TYPE_VARCHAR, val: moment.includes('.') ? moment : `${moment}.0` };
  }
  return { type: oracledb.DB_TYPE_VARCHAR, val: value === null ? null : String(value) };
}

export async function realTables(url: string, tables: readonly TestTable[]): Promise<RealTables> {
  const connection = await connect(url);
  await connection.execute("alter session set nls_numeric_characters = '.,' time_zone = '+00:00'");
  const suffix = randomBytes(4).toString('hex').toUpperCase();
  const names = new Map(tables.map(({ name }) => [name, `OP_${suffix}_${name}`]));
  const { rows } = await connection.execute<unknown[]>('select user from dual', [], {
    outFormat: oracledb.OUT_FORMAT_ARRAY,
  });
  for (const { name, columns, key = [], rows: values } of tables) {
    const table = `"${names.get(name)}"`;
    const parts = columns.map(
      (column) => `"${column.name}" ${column.type}${column.nullable === false ? ' not null' : ''}`,
    );
    if (key.length > 0) parts.push(`primary key (${key.map((part) => `"${part}"`).join(', ')})`);
    await connection.execute(`create table ${table} (${parts.join(', ')})`);
    const places = columns.map(({ type }, i) => placeholder(type, i + 1));
    for (const row of values) {
      await connection.execute(
        `insert into ${table} values (${places.join(', ')})`,
        columns.map(({ type }, i) => bound(type, row[i] ?? null)),
      );
    }
    await connection.commit();
  }
  await connection.close();
  return {
    schema: String(rows?.[0]?.[0]),
    names,
    async drop() {
      const last = await connect(url);
      for (const name of names.values()) await last.execute(`drop table "${name}" purge`);
      await last.close();
    },
  };
}

/** Tables made by statements of their own, names with a prefix of their own; dropped when the tests are over. */
export async function realStatements<T extends { readonly name: string }>(
  url: string,
  tables: readonly T[],
  statement: (table: T, prefix: string) => string,
): Promise<{ readonly schema: string; readonly prefix: string }> {
  const prefix = `op_${randomBytes(4).toString('hex')}_`;
  const connection = await connect(url);
  const { rows } = await connection.execute<unknown[]>('select user from dual', [], {
    outFormat: oracledb.OUT_FORMAT_ARRAY,
  });
  for (const table of tables) await connection.execute(statement(table, prefix));
  await connection.close();
  after(async () => {
    const last = await connect(url);
    for (const { name } of tables.toReversed()) await last.execute(`drop table ${prefix}${name} purge`);
    await last.close();
  });
  return { schema: String(rows?.[0]?.[0]), prefix };
}
