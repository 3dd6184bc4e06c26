// Knows: how statements run on a SQL Server: pools and their longest life, stopping, transactions.
// Must not know: tables, queries, rows of the API, how a single statement is sent (request.ts).

import sql, { type ConnectionPool, type config, type Transaction } from 'mssql';
import { Fault, unlessAborted } from '#spi';
import type { Driver, Session } from '../sql/driver.ts';
import { rowBudget } from '../sql/routine-call.ts';
import { outcomeUnknown } from '../sql/server-faults.ts';
import { isLost, mssqlFault, raisedBy } from './faults.ts';
import { gather, run, start } from './request.ts';
import { callStatement, resultOf } from './routine.ts';

export interface MssqlServer {
  readonly connection: config;
  readonly maxLifetimeMs: number;
  readonly readOnly: boolean;
  readonly settings: Readonly<Record<string, string | number>>;
}

/** A pool of the driver and since when it is there: its connections are no older. */
interface Generation {
  readonly since: number;
  readonly opened: Promise<ConnectionPool>;
}

export function mssqlDriver(server: MssqlServer): Driver {
  const { maxLifetimeMs } = server;
  // Names and words are of the options' pattern; Kysely has no words for SET.
  const settings = Object.entries(server.settings)
    .map(([name, value]) => `set ${name} ${value}; `)
    .join('');
  let current: Generation | undefined;
  const closing = new Set<Promise<void>>();
  let disposed = false;

  /** The driver's pool knows no longest life of a connection: all of it is replaced, and closed when its last statement has ended. */
  const retire = ({ opened }: Generation): void => {
    const closed = opened.then((pool) => pool.close()).catch(() => {});
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  };

  const take = async (signal: AbortSignal): Promise<ConnectionPool> => {
    signal.throwIfAborted();
    if (disposed) throw new sql.ConnectionError('The source is closed', 'ENOTOPEN');
    if (current !== undefined && maxLifetimeMs > 0 && performance.now() - current.since > maxLifetimeMs) {
      retire(current);
      current = undefined;
    }
    if (current === undefined) {
      const pool = new sql.ConnectionPool(server.connection);
      // Whoever uses a connection is told by its statement.
      pool.on('error', () => {});
      const opened: Generation = { since: performance.now(), opened: pool.connect() };
      current = opened;
      opened.opened.catch(() => {
        if (current === opened) current = undefined;
      });
    }
    return await unlessAborted(current.opened, signal);
  };

  const driver: Driver = {
    async *stream(statement, signal) {
      const flow = start(await take(signal), statement, settings);
      let held = true;
      try {
        while (held) {
          const { rows, ended } = await unlessAborted(flow.next(), signal);
          if (ended) held = false;
          if (rows.length > 0) yield rows;
          if (held) signal.throwIfAborted();
        }
      } finally {
        // The connection is free when the server has acknowledged it.
        if (held) flow.stop();
      }
    },

    async ping(signal) {
      const asked = run(await take(signal), { sql: 'select 1', parameters: [] }, '');
      try {
        await unlessAborted(asked.result, signal);
      } finally {
        if (signal.aborted) asked.stop();
      }
    },

    fault: mssqlFault,

    async [Symbol.asyncDispose]() {
      disposed = true;
      if (current !== undefined) retire(current);
      current = undefined;
      await Promise.all(closing);
    },
  };
  /** Runs `work` in a transaction; `work` has ended when its promise has, also what it asked of the server. */
  const within = async <T>(work: (place: Transaction) => Promise<T>, signal: AbortSignal): Promise<T> => {
    const transaction = new sql.Transaction(await take(signal));
    let undone = false;
    transaction.on('rollback', (byServer: boolean) => {
      undone = byServer;
    });
    await transaction.begin();
    let result: T;
    try {
      result = await work(transaction);
      signal.throwIfAborted();
    } catch (error) {
      if (!undone) await transaction.rollback().catch(() => {});
      throw error;
    }
    try {
      await transaction.commit();
    } catch (error) {
      throw isLost(error) ? outcomeUnknown(error) : error;
    }
    return result;
  };

  /** An abort stops it on the server; it has ended there when this has. */
  const ended = async <T>(running: Promise<T>, stop: () => void, signal: AbortSignal): Promise<T> => {
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      return await running;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };

  const callable: Driver = {
    ...driver,
    raised: raisedBy,
    async call(call, read, signal) {
      const ask = async (place: ConnectionPool | Transaction) => {
        const { sets, stop } = gather(place, callStatement(call), settings, rowBudget(call.maxRows));
        const result = await ended(sets, stop, signal).catch((error: unknown) => {
          const lost = !call.readOnly && !signal.aborted && !(error instanceof Fault) && isLost(error);
          throw lost ? outcomeUnknown(error) : error;
        });
        return read(resultOf(call, result));
      };
      return call.transaction ? await within(ask, signal) : await ask(await take(signal));
    },
  };
  if (server.readOnly) return callable;

  return {
    ...callable,
    transaction: (work, signal) =>
      within(async (place) => {
        const session: Session = {
          async run(statement) {
            signal.throwIfAborted();
            const { result, stop } = run(place, statement, settings);
            return await ended(result, stop, signal);
          },
        };
        return await work(session);
      }, signal),
  };
}
