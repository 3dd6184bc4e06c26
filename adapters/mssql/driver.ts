// Knows: how statements run on a SQL Server: pools and their longest life, stopping, transactions.
// Must not know: tables, queries, rows of the API, how a single statement is sent (request.ts).

import sql, { type ConnectionPool, type config } from 'mssql';
import { unlessAborted } from '#spi';
import type { Driver, Session } from '../sql/driver.ts';
import { outcomeUnknown } from '../sql/server-faults.ts';
import { isLost, mssqlFault } from './faults.ts';
import { run, start } from './request.ts';

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
  if (server.readOnly) return driver;

  return {
    ...driver,
    async transaction(work, signal) {
      const transaction = new sql.Transaction(await take(signal));
      let aborted = false;
      transaction.on('rollback', (byServer: boolean) => {
        aborted = byServer;
      });
      await transaction.begin();
      let last: Promise<unknown> = Promise.resolve();
      const session: Session = {
        async run(statement) {
          signal.throwIfAborted();
          const asked = run(transaction, statement, settings);
          last = asked.result;
          try {
            return await unlessAborted(asked.result, signal);
          } finally {
            if (signal.aborted) asked.stop();
          }
        },
      };
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work(session);
        signal.throwIfAborted();
      } catch (error) {
        await last.catch(() => {});
        if (!aborted) await transaction.rollback().catch(() => {});
        throw error;
      }
      try {
        await transaction.commit();
      } catch (error) {
        throw isLost(error) ? outcomeUnknown(error) : error;
      }
      return result;
    },
  };
}
