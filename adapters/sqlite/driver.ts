// Knows: how statements run on a SQLite file without holding the event loop, and which connection they use.
// Must not know: tables, queries, rows of the API.

import { setImmediate } from 'node:timers/promises';
import { unlessAborted } from '#spi';
import type { Driver, Parameter, Statement, StatementResult, StoredRow } from '../sql/driver.ts';
import { BYTES_PER_GROUP, weightOf } from '../sql/row-weight.ts';
import { type Connection, connect, identityOf, storedRow } from './connection.ts';
import { sqliteFault } from './faults.ts';
import { patiently } from './lock.ts';

/** Rows handed over at once: enough to make the hand-over cheap, few enough to stop early. */
const ROWS_PER_GROUP = 256;
/** Connections kept open for the next statements; more are opened while more statements run. */
const IDLE_CONNECTIONS = 4;

export interface SqliteFile {
  readonly path: string;
  readonly readOnly: boolean;
  /** Longest wait of a write for a lock, in milliseconds. */
  readonly waitMs: number;
  /** Longest time that reading may hold the event loop, in milliseconds. */
  readonly sliceMs: number;
}

/**
 * A connection for each running statement: statements that overlap on one connection share one snapshot, and a busy
 * gateway would show old data for ever. A short read ends within one turn of the event loop, so that mostly one
 * connection does all the work. Connects when a statement needs it. A connection on which something failed is closed: it
 * may remember a file that has since been written anew in place, and would fail for ever.
 */
export function sqliteDriver({ path, readOnly, waitMs, sliceMs }: SqliteFile): Driver {
  const idle: Connection[] = [];
  let closed = false;
  /** The writer before the next one: SQLite takes one at a time. */
  let turn: Promise<void> = Promise.resolve();
  /** A commit that waits for readers lets no new ones in. */
  let committing: Promise<void> | undefined;

  const take = (): Connection => {
    const identity = identityOf(path);
    for (let known = idle.pop(); known !== undefined; known = idle.pop()) {
      if (known.identity === identity) return known;
      known.close();
    }
    return connect(path, readOnly);
  };
  const giveBack = (connection: Connection): void => {
    if (closed || idle.length >= IDLE_CONNECTIONS) connection.close();
    else idle.push(connection);
  };

  const driver: Driver = {
    async *stream(statement, signal) {
      signal.throwIfAborted();
      if (committing !== undefined) await unlessAborted(committing, signal);
      const connection = take();
      let rows: Iterator<unknown> | undefined;
      let running = true;
      const stop = (whole = true): void => {
        if (!running) return;
        running = false;
        rows?.return?.();
        if (whole) giveBack(connection);
        else connection.close();
      };
      try {
        rows = start(connection, statement);
        while (running) {
          const group = slice(rows, sliceMs);
          // Before the rows are handed out: a slow reader of the last group must not keep the connection.
          if (group.ended) stop();
          if (group.rows.length > 0) yield group.rows;
          if (running) {
            await setImmediate();
            signal.throwIfAborted();
          }
        }
      } catch (error) {
        stop(false);
        throw error;
      } finally {
        stop();
      }
    },
    async ping(signal) {
      signal.throwIfAborted();
      const connection = take();
      let whole = false;
      try {
        connection.database.exec('pragma schema_version');
        whole = true;
      } finally {
        if (whole) giveBack(connection);
        else connection.close();
      }
    },
    fault: sqliteFault,
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const connection of idle.splice(0)) connection.close();
    },
  };
  if (readOnly) return driver;

  return {
    ...driver,
    async transaction(work, signal) {
      const before = turn;
      const own = Promise.withResolvers<void>();
      turn = Promise.all([before, own.promise]).then(() => {});
      try {
        await unlessAborted(before, signal);
        const connection = take();
        const { database } = connection;
        let whole = false;
        try {
          await patiently(() => database.exec('begin immediate'), waitMs, signal);
          const result = await work({ run: inSlices(connection, sliceMs, signal) });
          const commit = patiently(() => database.exec('commit'), waitMs, signal);
          committing = commit.catch(() => {});
          await commit;
          whole = true;
          return result;
        } finally {
          committing = undefined;
          if (whole) giveBack(connection);
          else {
            if (database.isTransaction) database.exec('rollback');
            connection.close();
          }
        }
      } finally {
        own.resolve();
      }
    },
  };
}

/** Statements to their end, one after the other; between two of them others have their turn. */
function inSlices(connection: Connection, sliceMs: number, signal: AbortSignal) {
  let until = performance.now() + sliceMs;
  return async (statement: Statement): Promise<StatementResult> => {
    if (performance.now() > until) {
      await setImmediate();
      until = performance.now() + sliceMs;
    }
    signal.throwIfAborted();
    return runToItsEnd(connection, statement);
  };
}

function runToItsEnd(connection: Connection, { sql, parameters }: Statement): StatementResult {
  const prepared = connection.prepare(sql);
  const values = parameters.map(plain);
  if (prepared.columns().length === 0) {
    return { rows: [], affected: Number(prepared.run(...values).changes) };
  }
  const rows = Array.from(prepared.iterate(...values), storedRow);
  return { rows, affected: rows.length };
}

function start(connection: Connection, { sql, parameters }: Statement): Iterator<unknown> {
  return connection.prepare(sql).iterate(...parameters.map(plain));
}

/** SQLite has no booleans. */
function plain({ value }: Parameter): null | number | bigint | string | Uint8Array {
  return typeof value === 'boolean' ? Number(value) : value;
}

interface Group {
  readonly rows: readonly StoredRow[];
  readonly ended: boolean;
}

/** The next rows, as many as there are, fit a group, and come within the time. */
function slice(from: Iterator<unknown>, sliceMs: number): Group {
  const until = performance.now() + sliceMs;
  const rows: StoredRow[] = [];
  let weight = 0;
  do {
    const next = from.next();
    if (next.done === true) return { rows, ended: true };
    const row = storedRow(next.value);
    rows.push(row);
    weight += weightOf(row);
  } while (rows.length < ROWS_PER_GROUP && weight < BYTES_PER_GROUP && performance.now() < until);
  return { rows, ended: false };
}
