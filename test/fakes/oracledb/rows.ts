// How statements run on SQLite: what is bound, what the driver gives for a value, errors of constraints.

import type { DatabaseSync } from 'node:sqlite';
import type { Bind, DbType, ExecuteOptions, Lob, Result } from '../../../adapters/oracle/driver-module.ts';
import { njsError, oraError } from './errors.ts';
import { numberKey, numberText } from './numbers.ts';
import { isPadded, lengthOf, PADDING } from './schema.ts';
import { translate } from './sql.ts';
import { CONSTANTS, TYPES } from './types.ts';

/** Numbers of SQLite's errors → those of Oracle. */
const CONSTRAINTS: Readonly<Record<number, number>> = {
  275: 2290,
  787: 2291,
  1299: 1400,
  1555: 1,
  2067: 1,
};

/** Oracle's error where SQLite's is one of a constraint. */
export function asOracles(error: unknown): unknown {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  const number = CONSTRAINTS[code];
  return number === undefined ? error : oraError(number);
}

export function constrained(rows: Iterable<unknown>): readonly unknown[] {
  try {
    return [...rows];
  } catch (error) {
    throw asOracles(error);
  }
}

/** Of RETURNING: a list for each bind. */
export function resultOf(
  sql: string,
  rows: readonly unknown[],
  binds: readonly Bind[],
  database: DatabaseSync,
): Result {
  if (/^\s*(?:select|with)\b/i.test(sql)) return { rows };
  const changes = database.prepare('select changes()').get();
  const rowsAffected = Number(Array.isArray(changes) ? changes[0] : 0);
  const out = binds.filter(({ dir }) => dir === CONSTANTS.BIND_OUT);
  if (out.length === 0) return { rowsAffected };
  return {
    rowsAffected,
    outBinds: out.map((_, at) => rows.map((row) => (Array.isArray(row) ? row[at] : null))),
  };
}

export function* rowsOf(
  database: DatabaseSync,
  sql: string,
  binds: readonly Bind[],
  { fetchTypeHandler }: ExecuteOptions,
): Generator<unknown[]> {
  let statement: ReturnType<DatabaseSync['prepare']>;
  try {
    statement = database.prepare(translate(sql));
  } catch (error) {
    const missing = /no such (?:table|column)/.test(String(error));
    throw missing ? oraError(String(error).includes('table') ? 942 : 904) : error;
  }
  const columns = statement.columns().map(({ name, type }) => {
    const declared = (type ?? '').replace(/^TEXT /, '');
    const dbType = typeOf(declared);
    return { declared, asText: fetchTypeHandler({ name, dbType })?.type === TYPES.DB_TYPE_VARCHAR };
  });
  for (const row of statement.iterate(
    ...binds.filter(({ dir }) => dir !== CONSTANTS.BIND_OUT).map(boundValue),
  )) {
    const values: unknown[] = Object.values(row);
    yield values.map((value, i) => fetched(value, columns[i]?.declared ?? '', columns[i]?.asText === true));
  }
}

/** Numbers of expressions are NUMBER too. */
function typeOf(declared: string): DbType {
  if (/^(?:NUMBER|FLOAT|INTEGER|$)/.test(declared)) return TYPES.DB_TYPE_NUMBER;
  if (declared.startsWith('DATE')) return TYPES.DB_TYPE_DATE;
  return declared.startsWith('TIMESTAMP') ? TYPES.DB_TYPE_TIMESTAMP : TYPES.DB_TYPE_VARCHAR;
}

/** What the driver gives: a number of JavaScript, a Date and so on where nobody asked for something better. */
function fetched(value: unknown, declared: string, asText: boolean): unknown {
  if (value === null) return null;
  if (/^(?:NUMBER|FLOAT|INTEGER)/.test(declared)) {
    const text = numberText(String(value));
    return asText ? text : Number.parseFloat(text);
  }
  if (/^(?:DATE|TIMESTAMP)/.test(declared)) return new Date(String(value).slice(0, 23));
  if (declared === 'BOOLEAN') return value === 1n;
  if (declared.startsWith('BINARY_')) return Number(value);
  if (/^(?:N?CLOB|XMLTYPE|JSON)$/.test(declared)) return lob(String(value), TYPES.DB_TYPE_CLOB);
  if (declared === 'BLOB' && value instanceof Uint8Array) return lob(value, TYPES.DB_TYPE_BLOB);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (isPadded(declared)) return String(value).slice(0, lengthOf(declared));
  const number = typeof value === 'bigint' || (typeof value === 'number' && declared === '');
  return number ? (asText ? String(value) : Number(value)) : value;
}

function lob(data: string | Uint8Array, type: DbType): Lob {
  return { type, length: data.length, getData: async () => data, close: async () => {} };
}

/** The driver refuses what is not of the type; the server takes an empty text for null. */
export function boundValue({ type, val, dir }: Bind): null | string | number | Uint8Array {
  if (type === undefined || dir === undefined) throw new Error('a bind without type or direction');
  const wanted: Readonly<Record<string, string>> = {
    DB_TYPE_NUMBER: 'number',
    DB_TYPE_BINARY_DOUBLE: 'number',
    DB_TYPE_BOOLEAN: 'boolean',
    DB_TYPE_RAW: 'object',
    DB_TYPE_BLOB: 'object',
  };
  if (val === null) return null;
  if (typeof val !== (wanted[type.name] ?? 'string')) throw njsError('NJS-011');
  if (typeof val === 'boolean') return Number(val);
  // SQLite would take it for null; a text is above all numbers, as it is.
  if (Number.isNaN(val)) return 'NaN';
  if (typeof val === 'number') return type === TYPES.DB_TYPE_NUMBER ? numberKey(String(val)) : val;
  if (val instanceof Uint8Array) return val.length === 0 ? null : val;
  const padded = type === TYPES.DB_TYPE_CHAR || type === TYPES.DB_TYPE_NCHAR;
  return val === '' ? null : padded ? String(val).padEnd(PADDING) : String(val);
}
