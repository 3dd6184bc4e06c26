// Knows: how statements run on a MySQL or MariaDB server: rows as they are asked for, stopping, transactions.
// Must not know: tables, queries, rows of the API.

// The whole of it: its CommonJS names this part by a getter, which Node does not see as an export.
import mysql, {
  type Connection,
  type ConnectionOptions,
  type ExecuteValues,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2';
import { unlessAborted } from '#spi';
import type { Driver, Parameter, Session, Statement, StatementResult, StoredRow } from '../sql/driver.ts';
import { BYTES_PER_GROUP, weightOf } from '../sql/row-weight.ts';
import { outcomeUnknown } from '../sql/server-faults.ts';
import { sqlTypeOf } from '../sql/typed-parameter.ts';
import { SORTED_BYTES } from './comparison.ts';
import { isLost, mysqlFault } from './faults.ts';
import { connectionPool, openConnection, type PoolLimits, patienceOf } from './pool.ts';

/** Rows handed over at once. */
const ROWS_PER_GROUP = 500;

export interface MysqlServer {
  readonly connection: ConnectionOptions;
  readonly pool: PoolLimits;
  readonly readOnly: boolean;
  /** Variables of every session; ours, which decoding and comparing rely on, are set after them. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** What values and comparisons depend on. */
const OURS: Readonly<Record<string, string | number>> = {
  time_zone: '+00:00',
  // Without PAD_CHAR_TO_FULL_LENGTH and ANSI_QUOTES; what does not fit a column is refused and not cut.
  sql_mode: 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  max_sort_length: SORTED_BYTES,
  sql_auto_is_null: 0,
  autocommit: 1,
};

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
function run(connection: Connection, { sql, parameters }: Statement): Promise<StatementResult> {
  return new Promise((resolve, reject) => {
    const values: Bound = parameters.map(bindOf);
    connection.execute<RowDataPacket[][] | ResultSetHeader>({ sql, values }, (error, result) => {
      if (error !== null) reject(error);
      else if (Array.isArray(result)) resolve({ rows: result.map(storedRow), affected: result.length });
      else resolve({ rows: [], affected: result.affectedRows });
    });
  });
}

/** Words that the server does not prepare. */
function command(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Rows come as arrays because the connection is opened so; the driver's types do not know that. */
function storedRow(row: unknown): StoredRow {
  if (!Array.isArray(row)) throw new TypeError('the driver gave a row that is no array');
  return row;
}

/** A statement under way. */
interface Flow {
  /** The next rows; `ended` with the last of them. */
  next(): Promise<{ readonly rows: readonly StoredRow[]; readonly ended: boolean }>;
  /** Throws the rows away that still come; resolved when the server has ended the statement. */
  drain(): Promise<void>;
}

function start(connection: Connection, { sql, parameters }: Statement): Flow {
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
    connection.off('error', fail);
    ended = true;
    finished.resolve();
    wake();
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    finish();
  };
  // The driver tells the loss of a connection to a callback, and without one not to the statement.
  connection.on('error', fail);
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

export function mysqlDriver(server: MysqlServer): Driver {
  const { waitMs } = server.pool;
  const variables = Object.entries({ ...server.settings, ...OURS });
  // Names are of the options' pattern; Kysely has no words for SET.
  const prepare = async (connection: Connection): Promise<void> => {
    await run(connection, {
      sql: `set ${variables.map(([name]) => `session ${name} = ?`).join(', ')}`,
      parameters: variables.map(([, value]) => ({
        value: typeof value === 'number' ? BigInt(value) : value,
      })),
    });
    await command(connection, `set session transaction ${server.readOnly ? 'read only' : 'read write'}`);
  };
  const pool = connectionPool(server.connection, server.pool, prepare);
  /** Connections that are being brought back into a clean state. */
  const recovering = new Set<Promise<void>>();

  const kill = async (connection: Connection): Promise<void> => {
    // Not from the pool: all of its connections may be busy with what is to be stopped.
    const other = await openConnection(server.connection);
    try {
      await command(other, `kill query ${Number(connection.threadId)}`);
    } finally {
      other.destroy();
    }
  };

  /** Stops what runs on the connection and gives it back when it is usable again, else closes it. Never throws. */
  const recover = (connection: Connection, ended: Promise<unknown>, last: string): void => {
    const work = (async () => {
      const patience = patienceOf(waitMs);
      try {
        await unlessAborted(kill(connection), patience);
        await unlessAborted(
          ended.catch(() => {}),
          patience,
        );
        // A kill that came late would hit the next statement: it hits this one.
        await unlessAborted(command(connection, 'do 0'), patience).catch(() => {});
        await unlessAborted(command(connection, last), patience);
        pool.giveBack(connection, true);
      } catch {
        pool.giveBack(connection, false);
      }
    })();
    recovering.add(work);
    void work.finally(() => recovering.delete(work));
  };

  const driver: Driver = {
    async *stream(statement, signal) {
      const connection = await pool.take(signal);
      const flow = start(connection, statement);
      let held = true;
      try {
        while (held) {
          const { rows, ended } = await unlessAborted(flow.next(), signal);
          if (ended) {
            // Before the rows are handed out: a slow reader of the last group must not keep the connection.
            held = false;
            pool.giveBack(connection, true);
          }
          if (rows.length > 0) yield rows;
          if (held) signal.throwIfAborted();
        }
      } catch (error) {
        if (held && !signal.aborted) {
          held = false;
          pool.giveBack(connection, !isLost(error));
        }
        throw error;
      } finally {
        if (held) recover(connection, flow.drain(), 'do 0');
      }
    },

    async ping(signal) {
      const connection = await pool.take(signal);
      const asked = command(connection, 'do 0');
      try {
        await unlessAborted(asked, signal);
      } catch (error) {
        if (signal.aborted) recover(connection, asked, 'do 0');
        else pool.giveBack(connection, false);
        throw error;
      }
      pool.giveBack(connection, true);
    },

    fault: mysqlFault,

    async [Symbol.asyncDispose]() {
      await Promise.all(recovering);
      await pool[Symbol.asyncDispose]();
    },
  };
  if (server.readOnly) return driver;

  return {
    ...driver,
    async transaction(work, signal) {
      const connection = await pool.take(signal);
      let running: Promise<unknown> = Promise.resolve();
      const session: Session = {
        async run(statement) {
          signal.throwIfAborted();
          const asked = run(connection, statement);
          running = asked;
          return await unlessAborted(asked, signal);
        },
      };
      let result: Awaited<ReturnType<typeof work>>;
      try {
        const begun = command(connection, 'start transaction');
        running = begun;
        await unlessAborted(begun, signal);
        result = await work(session);
        signal.throwIfAborted();
      } catch (error) {
        if (signal.aborted) recover(connection, running, 'rollback');
        else {
          const whole = await command(connection, 'rollback').then(
            () => true,
            () => false,
          );
          pool.giveBack(connection, whole);
        }
        throw error;
      }
      try {
        await command(connection, 'commit');
      } catch (error) {
        pool.giveBack(connection, false);
        throw isLost(error) ? outcomeUnknown(error) : error;
      }
      pool.giveBack(connection, true);
      return result;
    },
  };
}
