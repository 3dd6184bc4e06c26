// Knows: which connections are open, which are free, who waits for one. The driver's own pool knows no longest life and no
// longest wait. Must not know: statements, beyond what prepares a session.

import { type Connection, type ConnectionOptions, createConnection } from 'mysql2';
import { unlessAborted } from '#spi';
import { noConnection } from '../sql/server-faults.ts';

export interface PoolLimits {
  readonly max: number;
  readonly idleMs: number;
  readonly maxLifetimeMs: number;
  readonly waitMs: number;
}

export interface ConnectionPool extends AsyncDisposable {
  take(signal: AbortSignal): Promise<Connection>;
  /** `whole`: in a clean state, for the next one to use. */
  giveBack(connection: Connection, whole: boolean): void;
}

interface Open {
  readonly since: number;
  broken: boolean;
  idleTimer?: NodeJS.Timeout;
}

export function openConnection(options: ConnectionOptions): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(options);
    const failed = (error: Error): void => {
      connection.destroy();
      reject(error);
    };
    connection.once('error', failed);
    connection.connect((error) => {
      if (error !== null) {
        failed(error);
        return;
      }
      // Whoever uses the connection is told by its statement.
      connection.on('error', () => {});
      connection.off('error', failed);
      resolve(connection);
    });
  });
}

export function connectionPool(
  options: ConnectionOptions,
  limits: PoolLimits,
  prepare: (connection: Connection) => Promise<void>,
): ConnectionPool {
  const all = new Map<Connection, Open>();
  const idle: Connection[] = [];
  const waiting: (() => void)[] = [];
  let opening = 0;
  let closed = false;

  const close = (connection: Connection): void => {
    const known = all.get(connection);
    clearTimeout(known?.idleTimer);
    all.delete(connection);
    const at = idle.indexOf(connection);
    if (at >= 0) idle.splice(at, 1);
    connection.destroy();
  };
  const usable = (connection: Connection): boolean => {
    const known = all.get(connection);
    if (known === undefined || known.broken) return false;
    return limits.maxLifetimeMs === 0 || performance.now() - known.since < limits.maxLifetimeMs;
  };
  const fresh = async (): Promise<Connection> => {
    opening++;
    try {
      const connection = await openConnection(options);
      const known: Open = { since: performance.now(), broken: false };
      all.set(connection, known);
      connection.on('error', () => {
        known.broken = true;
      });
      try {
        await prepare(connection);
      } catch (error) {
        close(connection);
        throw error;
      }
      return connection;
    } finally {
      opening--;
    }
  };

  const pool: ConnectionPool = {
    async take(signal) {
      const patience = patienceOf(limits.waitMs);
      const both = AbortSignal.any([signal, patience]);
      for (;;) {
        signal.throwIfAborted();
        if (closed || patience.aborted) throw noConnection();
        const known = idle.pop();
        if (known !== undefined) {
          clearTimeout(all.get(known)?.idleTimer);
          if (usable(known)) return known;
          close(known);
          continue;
        }
        if (all.size + opening < limits.max) {
          const coming = fresh();
          try {
            return await unlessAborted(coming, both);
          } catch (error) {
            // One that comes after all is kept for the next.
            if (both.aborted) {
              coming.then(
                (connection) => pool.giveBack(connection, true),
                () => waiting.shift()?.(),
              );
            } else waiting.shift()?.();
            if (patience.aborted && !signal.aborted) throw noConnection();
            throw error;
          }
        }
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.push(resolve);
        both.addEventListener('abort', () => resolve(), { once: true });
        await promise;
        const at = waiting.indexOf(resolve);
        if (at >= 0) waiting.splice(at, 1);
        // Woken and given up: the turn goes to the next.
        else if (both.aborted) waiting.shift()?.();
      }
    },
    giveBack(connection, whole) {
      const known = all.get(connection);
      if (!whole || closed || known === undefined || !usable(connection)) {
        close(connection);
      } else {
        idle.push(connection);
        if (limits.idleMs > 0) {
          known.idleTimer = setTimeout(() => close(connection), limits.idleMs).unref();
        }
      }
      waiting.shift()?.();
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const connection of [...idle]) close(connection);
      for (const wake of waiting.splice(0)) wake();
    },
  };
  return pool;
}

/** Aborts when the longest wait is over. */
export function patienceOf(waitMs: number): AbortSignal {
  return AbortSignal.timeout(waitMs);
}
