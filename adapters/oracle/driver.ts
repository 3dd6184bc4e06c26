// Knows: how statements run on an Oracle server: rows as they are asked for, stopping, transactions.
// Must not know: tables, queries, rows of the API.

import { unlessAborted } from '#spi';
import type { Driver, Session, Statement, StatementResult, StoredRow } from '../sql/driver.ts';
import { outcomeUnknown } from '../sql/server-faults.ts';
import { callRoutine } from './call.ts';
import type {
  Connection,
  ExecuteOptions,
  OracleModule,
  PoolAttributes,
  Result,
  ResultSet,
} from './driver-module.ts';
import { isLost, oracleFault, raisedBy } from './faults.ts';
import { fetchHandler, returnedRows, storedRow, withLobs } from './fetching.ts';
import { bindOf } from './parameter.ts';
import { connectionPool, patienceOf } from './pool.ts';

/** Rows fetched and handed over at once. */
const ROWS_PER_GROUP = 500;

/** Kysely has no words for it. It holds until the transaction ends. */
const READ_ONLY: Statement = { sql: 'set transaction read only', parameters: [] };

export interface OracleServer {
  readonly attributes: PoolAttributes;
  /** Longest wait for a connection that is brought back into a clean state. */
  readonly waitMs: number;
  /** Longest LOB that is read, in bytes or characters: the largest limit of all collections, each of which looks again. */
  readonly maxLobLength: number;
  readonly readOnly: boolean;
}

export function oracleDriver(oracledb: OracleModule, server: OracleServer): Driver {
  const { waitMs, maxLobLength } = server;
  const pool = connectionPool(oracledb, server.attributes);
  const handler = fetchHandler(oracledb);
  /** Connections that are being brought back into a clean state. */
  const recovering = new Set<Promise<void>>();

  const run = (connection: Connection, { sql, parameters }: Statement, more: Partial<ExecuteOptions>) =>
    connection.execute(
      sql,
      parameters.map((parameter) => bindOf(parameter, oracledb)),
      { outFormat: oracledb.OUT_FORMAT_ARRAY, fetchTypeHandler: handler, ...more },
    );

  const giveBack = async (connection: Connection, whole: boolean): Promise<void> => {
    await (whole ? connection.close() : connection.close({ drop: true })).catch(() => {});
  };

  /** Stops what runs on the connection and gives it back when it is usable again, else closes it. Never throws. */
  const recover = (connection: Connection, running: Promise<unknown>, end: () => Promise<unknown>): void => {
    const work = (async () => {
      const patience = patienceOf(waitMs);
      const within = <T>(step: Promise<T>): Promise<T> => unlessAborted(step, patience);
      try {
        await within(connection.break());
        await within(running.catch(() => {}));
        // A break that came late would hit the next call: it hits this one.
        await within(connection.ping()).catch(() => {});
        await within(end());
        await within(connection.ping());
        await giveBack(connection, true);
      } catch {
        await giveBack(connection, false);
      }
    })();
    recovering.add(work);
    void work.finally(() => recovering.delete(work));
  };

  /** The next rows, their LOBs read. */
  const groupOf = async (results: ResultSet, rows = ROWS_PER_GROUP): Promise<readonly StoredRow[]> =>
    withLobs((await results.getRows(rows)).map(storedRow), maxLobLength, oracledb);

  /** What is done on one connection, with what it waits for. */
  interface Work {
    readonly connection: Connection;
    /** Waits for it, and breaks it off when whoever asked has left. */
    follow<A>(answer: Promise<A>): Promise<A>;
  }

  /** Committed when the work ends, else rolled back. Without a change there is nothing to begin: the first one does that. */
  const within = async <T>(work: (on: Work) => Promise<T>, signal: AbortSignal): Promise<T> => {
    const connection = await pool.take(signal);
    let running: Promise<unknown> | undefined;
    const follow = <A>(answer: Promise<A>): Promise<A> => {
      const done = (): void => {
        running = undefined;
      };
      running = answer.then(done, done);
      return unlessAborted(answer, signal);
    };
    let result: T;
    try {
      result = await work({ connection, follow });
      signal.throwIfAborted();
    } catch (error) {
      if (running !== undefined) recover(connection, running, () => connection.rollback());
      else await giveBack(connection, await succeeds(connection.rollback()));
      throw error;
    }
    try {
      await connection.commit();
    } catch (error) {
      await giveBack(connection, false);
      throw isLost(error) ? outcomeUnknown(error) : error;
    }
    await giveBack(connection, true);
    return result;
  };

  const driver: Driver = {
    async *stream(statement, signal) {
      const connection = await pool.take(signal);
      let held = true;
      let results: ResultSet | undefined;
      const close = async (): Promise<void> => await results?.close();
      const finish = async (): Promise<void> => giveBack(connection, await succeeds(close()));
      const executing = run(connection, statement, {
        resultSet: true,
        // The first group comes with the answer to the statement, and the end of a short one with it.
        prefetchRows: Math.min(statement.atMost ?? ROWS_PER_GROUP, ROWS_PER_GROUP) + 1,
        fetchArraySize: ROWS_PER_GROUP,
      });
      let running: Promise<unknown> | undefined = executing;
      try {
        results = (await unlessAborted(executing, signal)).resultSet;
        if (results === undefined) throw new TypeError('the statement gives no rows');
        while (held) {
          const next = groupOf(results);
          running = next;
          const rows = await unlessAborted(next, signal);
          running = undefined;
          if (rows.length < ROWS_PER_GROUP) {
            // Before the rows are handed out: a slow reader of the last group must not keep the connection.
            held = false;
            await finish();
          }
          if (rows.length > 0) yield rows;
          if (held) signal.throwIfAborted();
        }
      } catch (error) {
        if (held && !signal.aborted) {
          held = false;
          await close().catch(() => {});
          await giveBack(connection, !isLost(error));
        }
        throw error;
      } finally {
        if (held && running !== undefined) recover(connection, running, close);
        else if (held) await finish();
      }
    },

    async ping(signal) {
      const connection = await pool.take(signal);
      const asked = connection.ping();
      try {
        await unlessAborted(asked, signal);
      } catch (error) {
        if (signal.aborted) recover(connection, asked, async () => {});
        else await giveBack(connection, false);
        throw error;
      }
      await giveBack(connection, true);
    },

    async call(call, read, signal) {
      return within(async ({ connection, follow }) => {
        const execute = async (statement: Statement, rows: boolean): Promise<Result> => {
          signal.throwIfAborted();
          try {
            return await follow(run(connection, statement, rows ? { resultSet: true } : {}));
          } catch (error) {
            throw !call.readOnly && !signal.aborted && isLost(error) ? outcomeUnknown(error) : error;
          }
        };
        if (call.readOnly && call.transaction) await execute(READ_ONLY, false);
        const result = await callRoutine(call, {
          execute,
          next: (results, rows) => follow(groupOf(results, rows)),
          values: async (row) => (await follow(withLobs([row], maxLobLength, oracledb)))[0] ?? [],
        });
        return read(result);
      }, signal);
    },

    raised: raisedBy,

    fault: oracleFault,

    async [Symbol.asyncDispose]() {
      await Promise.all(recovering);
      await pool[Symbol.asyncDispose]();
    },
  };
  if (server.readOnly) return driver;

  return {
    ...driver,
    transaction: (work, signal) =>
      within(({ connection, follow }) => {
        const changed = async (statement: Statement): Promise<StatementResult> => {
          const { rows, rowsAffected, outBinds } = await run(connection, statement, {});
          const given = rows?.map(storedRow) ?? returnedRows(outBinds);
          const stored = await withLobs(given, maxLobLength, oracledb);
          return { rows: stored, affected: rowsAffected ?? stored.length };
        };
        const session: Session = {
          run(statement) {
            signal.throwIfAborted();
            return follow(changed(statement));
          },
        };
        return work(session);
      }, signal),
  };
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
