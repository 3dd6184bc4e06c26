// Knows: one statement on its way: parameters typed, rows taken as they are asked for, stopped by an attention to the server.
// Must not know: pools, transactions, rows of the API.

import sql, { type ConnectionPool, type ISqlType, type Request, type Transaction } from 'mssql';
import type { Parameter, Statement, StoredRow } from '../sql/driver.ts';
import type { StoredSet } from '../sql/routine-call.ts';
import { BYTES_PER_GROUP, weightOf } from '../sql/row-weight.ts';
import { type WireType, wireType } from './parameter.ts';
import { type DriverColumn, plainCell } from './plain-cell.ts';

/** Rows handed over at once. */
const ROWS_PER_GROUP = 500;

function typeOf({ word, length }: WireType): ISqlType {
  const size = length === undefined || length === Number.POSITIVE_INFINITY ? sql.MAX : length;
  switch (word) {
    case 'tinyint':
      return sql.TinyInt();
    case 'smallint':
      return sql.SmallInt();
    case 'int':
      return sql.Int();
    case 'bigint':
      return sql.BigInt();
    case 'bit':
      return sql.Bit();
    case 'float':
      return sql.Float();
    case 'real':
      return sql.Real();
    case 'uniqueidentifier':
      return sql.UniqueIdentifier();
    case 'varchar':
      return sql.VarChar(size);
    case 'nvarchar':
      return sql.NVarChar(size);
    case 'varbinary':
      return sql.VarBinary(size);
  }
}

function sentValue({ value }: Parameter) {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

/** `settings` stand in front of the statement: they end with it, so that a pooled connection has none of another. */
function prepared(place: ConnectionPool | Transaction, statement: Statement): Request {
  const request = place instanceof sql.Transaction ? new sql.Request(place) : new sql.Request(place);
  for (const [i, parameter] of statement.parameters.entries()) {
    request.input(String(i + 1), typeOf(wireType(parameter)), sentValue(parameter));
  }
  return request;
}

/** A statement under way. */
export interface Flow {
  /** The next rows; `ended` with the last of them. */
  next(): Promise<{ readonly rows: readonly StoredRow[]; readonly ended: boolean }>;
  /** Stops it, whether its connection is there already or not. */
  stop(): void;
  /** Resolved when its connection is free again; never rejected. */
  readonly finished: Promise<void>;
}

export function start(place: ConnectionPool | Transaction, statement: Statement, settings: string): Flow {
  const request = prepared(place, statement);
  request.stream = true;
  const isGroup = (): boolean => rows.length >= ROWS_PER_GROUP || weight >= BYTES_PER_GROUP;
  let rows: StoredRow[] = [];
  let weight = 0;
  let ended = false;
  let dropped = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  const finished = Promise.withResolvers<void>();
  request.on('row', (row: unknown) => {
    if (dropped) return;
    const stored = storedRow(row);
    rows.push(stored);
    weight += weightOf(stored);
    if (!isGroup()) return;
    // The socket is not read until these are taken.
    request.pause();
    wake();
  });
  // The first says what went wrong, others what came of it.
  request.on('error', (error: unknown) => {
    failure ??= { error };
  });
  request.on('done', () => {
    ended = true;
    finished.resolve();
    wake();
  });
  request.query(settings + statement.sql).catch((error: unknown) => {
    failure ??= { error };
    ended = true;
    finished.resolve();
    wake();
  });
  return {
    async next() {
      if (!ended && !isGroup()) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        request.resume();
        await promise;
      }
      if (failure !== undefined) throw failure.error;
      const group = rows;
      rows = [];
      weight = 0;
      return { rows: group, ended };
    },
    stop() {
      dropped = true;
      rows = [];
      if (!ended) request.cancel();
    },
    finished: finished.promise,
  };
}

/** Rows come as arrays because the connection is opened so; the driver's types do not know that. */
function storedRow(row: unknown): StoredRow {
  if (!Array.isArray(row)) throw new TypeError('the driver gave a row that is no array');
  return row;
}

/** Runs a statement to its end; `stop` ends it early. */
export function run(
  place: ConnectionPool | Transaction,
  statement: Statement,
  settings: string,
): {
  readonly result: Promise<{ readonly rows: readonly StoredRow[]; readonly affected: number }>;
  stop(): void;
} {
  const request = prepared(place, statement);
  const result = request.query(settings + statement.sql).then(({ recordsets, rowsAffected }) => {
    const sets: readonly unknown[] = Array.isArray(recordsets) ? recordsets : [];
    const rows = sets.flatMap((set) => (Array.isArray(set) ? set.map(storedRow) : []));
    return { rows, affected: rowsAffected.at(-1) ?? 0 };
  });
  return { result, stop: () => void request.cancel() };
}

/** All result sets of a statement; `spend` counts their rows as they come, and stops it by what it throws. */
export function gather(
  place: ConnectionPool | Transaction,
  statement: Statement,
  settings: string,
  spend: (rows: number) => void,
): { readonly sets: Promise<readonly StoredSet[]>; stop(): void } {
  const request = prepared(place, statement);
  request.stream = true;
  const sets: { readonly columns: readonly string[]; readonly rows: StoredRow[] }[] = [];
  let cells: readonly ((value: unknown) => unknown)[] = [];
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
  };
  const { promise, resolve, reject } = Promise.withResolvers<readonly StoredSet[]>();
  request.on('recordset', (columns: readonly DriverColumn[]) => {
    cells = columns.map(plainCell);
    sets.push({ columns: columns.map(({ name }) => name), rows: [] });
  });
  request.on('row', (row: unknown) => {
    if (failure !== undefined) return;
    try {
      spend(1);
      sets.at(-1)?.rows.push(storedRow(row).map((value, i) => cells[i]?.(value) ?? null));
    } catch (error) {
      fail(error);
      request.cancel();
    }
  });
  request.on('error', fail);
  request.on('done', () => {
    if (failure === undefined) resolve(sets);
    else reject(failure.error);
  });
  request.query(settings + statement.sql).catch((error: unknown) => {
    fail(error);
    reject(error);
  });
  return { sets: promise, stop: () => void request.cancel() };
}
