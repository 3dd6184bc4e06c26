// Knows: how statements run on a MySQL or MariaDB server: rows as they are asked for, stopping, transactions.
// Must not know: tables, queries, rows of the API.

import type { Connection, ConnectionOptions } from 'mysql2';
import { Fault, unlessAborted } from '#spi';
import type { Driver, Session, Statement } from '../sql/driver.ts';
import { outcomeUnknown } from '../sql/server-faults.ts';
import { callRoutine } from './call.ts';
import { SORTED_BYTES } from './comparison.ts';
import { isLost, mysqlFault, raisedBy } from './faults.ts';
import { connectionPool, openConnection, type PoolLimits, patienceOf } from './pool.ts';
import { command, gather, run, start } from './statement.ts';

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
  // Without PAD_CHAR_TO_FULL_LENGTH and ANSI_QUOTES; what does not fit a column is refused and not cut, and a zero that is
  // written into a numbered column is that zero.
  sql_mode: 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION',
  max_sort_length: SORTED_BYTES,
  sql_auto_is_null: 0,
  autocommit: 1,
};

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

  /** What a transaction runs on its connection; `busy` until the server has ended the last statement. */
  interface Work {
    follow<T>(answer: Promise<T>, ended: Promise<unknown>): Promise<T>;
    readonly connection: Connection;
  }

  /** `begin`: undefined outside a transaction, where what is called commits on its own. */
  const within = async <T>(
    begin: string | undefined,
    work: (on: Work) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const connection = await pool.take(signal);
    const last = begin === undefined ? 'do 0' : 'rollback';
    let busy = false;
    let running: Promise<unknown> = Promise.resolve();
    const follow = <A>(answer: Promise<A>, ended: Promise<unknown>): Promise<A> => {
      busy = true;
      const done = () => {
        busy = false;
      };
      running = ended.then(done, done);
      return unlessAborted(answer, signal);
    };
    const say = (sql: string): Promise<void> => {
      const said = command(connection, sql);
      return follow(said, said);
    };
    let result: T;
    try {
      if (begin !== undefined) await say(begin);
      result = await work({ connection, follow });
      signal.throwIfAborted();
    } catch (error) {
      if (busy || signal.aborted) recover(connection, running, last);
      else {
        const whole = await command(connection, last).then(
          () => true,
          () => false,
        );
        pool.giveBack(connection, whole);
      }
      throw error;
    }
    try {
      if (begin !== undefined) await command(connection, 'commit');
    } catch (error) {
      pool.giveBack(connection, false);
      throw isLost(error) ? outcomeUnknown(error) : error;
    }
    pool.giveBack(connection, true);
    return result;
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

    async call(call, read, signal) {
      const begin = call.readOnly ? 'start transaction read only' : 'start transaction';
      return within(
        // A session that only reads has nothing to commit and nothing to roll back.
        call.transaction && !server.readOnly ? begin : undefined,
        async ({ connection, follow }) => {
          const result = await callRoutine(call, async (statement: Statement, spend) => {
            signal.throwIfAborted();
            const { sets, ended } = gather(connection, statement, spend);
            return follow(sets, ended).catch((error: unknown) => {
              const lost = !call.readOnly && !signal.aborted && !(error instanceof Fault) && isLost(error);
              throw lost ? outcomeUnknown(error) : error;
            });
          });
          return read(result);
        },
        signal,
      );
    },

    raised: raisedBy,

    fault: mysqlFault,

    async [Symbol.asyncDispose]() {
      await Promise.all(recovering);
      await pool[Symbol.asyncDispose]();
    },
  };
  if (server.readOnly) return driver;

  return {
    ...driver,
    transaction: (work, signal) =>
      within(
        'start transaction',
        ({ connection, follow }) => {
          const session: Session = {
            async run(statement) {
              signal.throwIfAborted();
              const asked = run(connection, statement);
              return await follow(asked, asked);
            },
          };
          return work(session);
        },
        signal,
      ),
  };
}
