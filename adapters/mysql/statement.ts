// Knows: how one statement runs on a connection: bound, its rows as they are asked for, its result sets.
// Must not know: pools, stopping, transactions.

// The whole of it: its CommonJS names this part by a getter, which Node does not see as an export.
import mysql, {
  type Connection,
  type ExecuteValues,
  type FieldPacket,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2';
import type { Parameter, Statement, StatementResult, StoredRow } from '../sql/driver.ts';
import type { StoredSet } from '../sql/routine-call.ts';
import { BYTES_PER_GROUP, weightOf } from '../sql/row-weight.ts';
import { sqlTypeOf } from '../sql/typed-parameter.ts';

/** Rows handed over at once. */
const ROWS_PER_GROUP = 500;

type Bound = Exclude<ExecuteValues, Record<string, unknown>>;

/** As the protocol sends it: numbers as numbers. */
function bindOf(parameter: Parameter) {
  const { value } = parameter;
  const type = sqlTypeOf(parameter);
  if (value !== null && (type === 'signed' || type === 'unsigned')) {
    return type === 'signed'
      ? mysql.TypedParameter.LONGLONG(value)
      : mysql.TypedParameter.LONGLONG.unsigned(value);
  }
  if (typeof value === 'bigint') return mysql.TypedParameter.LONGLONG(value);
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

/** Runs a statement to its end. */
export function run(connection: Connection, { sql, parameters }: Statement): Promise<StatementResult> {
  return new Promise((resolve, reject) => {
    const values: Bound = parameters.map(bindOf);
    connection.execute<RowDataPacket[][] | ResultSetHeader>({ sql, values }, (error, result) => {
      if (error !== null) reject(error);
      else if (Array.isArray(result)) resolve({ rows: result.map(storedRow), affected: result.length });
      else resolve({ rows: [], affected: Number(result.affectedRows), numbered: result.insertId });
    });
  });
}

/** Words that the server does not prepare. */
export function command(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Rows come as arrays because the connection is opened so; the driver's types do not know that. */
function storedRow(row: unknown): StoredRow {
  if (!Array.isArray(row)) throw new TypeError('the driver gave a row that is no array');
  return row;
}

/**
 * The driver tells only the connection that it is lost, not a statement whose rows are taken as they come. Returns what ends
 * the listening.
 */
function whenLost(connection: Connection, failed: (error: unknown) => void): () => void {
  connection.once('error', failed);
  return () => connection.off('error', failed);
}

/** A statement under way. */
export interface Flow {
  /** The next rows; `ended` with the last of them. */
  next(): Promise<{ readonly rows: readonly StoredRow[]; readonly ended: boolean }>;
  /** Throws the rows away that still come; resolved when the server has ended the statement. */
  drain(): Promise<void>;
}

export function start(connection: Connection, { sql, parameters }: Statement): Flow {
  const values: Bound = parameters.map(bindOf);
  const isGroup = (): boolean => rows.length >= ROWS_PER_GROUP || weight >= BYTES_PER_GROUP;
  let rows: StoredRow[] = [];
  let weight = 0;
  let ended = false;
  let dropped = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  const finished = Promise.withResolvers<void>();
  const finish = (): void => {
    ended = true;
    unwatch();
    finished.resolve();
    wake();
  };
  const fail = (error: unknown): void => {
    failure = { error };
    finish();
  };
  const unwatch = whenLost(connection, fail);
  const flow = connection.execute({ sql, values });
  flow.on('result', (row: unknown) => {
    if (dropped) return;
    const stored = storedRow(row);
    rows.push(stored);
    weight += weightOf(stored);
    if (isGroup()) {
      // The socket is not read until these are taken.
      connection.pause();
      wake();
    }
  });
  flow.on('error', fail);
  flow.on('end', finish);
  return {
    async next() {
      if (!ended && !isGroup()) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        connection.resume();
        await promise;
      }
      if (failure !== undefined) throw failure.error;
      const group = rows;
      rows = [];
      weight = 0;
      return { rows: group, ended };
    },
    drain() {
      dropped = true;
      rows = [];
      connection.resume();
      return finished.promise;
    },
  };
}

/** The result sets of a statement, all of their rows. */
export interface Gathering {
  readonly sets: Promise<readonly StoredSet[]>;
  /** Resolved when the server has ended the statement, with or without an error. */
  readonly ended: Promise<void>;
}

/** `spend` counts the rows and throws when they are too many: the others are then thrown away. */
export function gather(
  connection: Connection,
  { sql, parameters }: Statement,
  spend: (rows: number) => void,
): Gathering {
  const values: Bound = parameters.map(bindOf);
  const sets: { readonly columns: readonly string[]; readonly rows: StoredRow[] }[] = [];
  const gathered = Promise.withResolvers<readonly StoredSet[]>();
  const ended = Promise.withResolvers<void>();
  let dropped = false;
  const flow = connection.execute({ sql, values });
  flow.on('fields', (fields: readonly FieldPacket[] | undefined) => {
    // What has no columns is no result set: it says how the call itself ended.
    if (fields !== undefined) sets.push({ columns: fields.map(({ name }) => name), rows: [] });
  });
  flow.on('result', (row: unknown, set: number | undefined) => {
    if (dropped || set === undefined) return;
    try {
      spend(1);
      sets[set]?.rows.push(storedRow(row));
    } catch (error) {
      dropped = true;
      gathered.reject(error);
    }
  });
  const fail = (error: unknown): void => {
    gathered.reject(error);
    finish();
  };
  const unwatch = whenLost(connection, fail);
  const finish = (): void => {
    unwatch();
    gathered.resolve(sets);
    ended.resolve();
  };
  flow.on('error', fail);
  flow.on('end', finish);
  gathered.promise.catch(() => {});
  return { sets: gathered.promise, ended: ended.promise };
}
