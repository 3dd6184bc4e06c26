// Knows: how the driver's pool is made and asked for a connection, and how long a connection is waited for that is to be usable again.
// Must not know: statements.

import { unlessAborted } from '#spi';
import type { Connection, OracleModule, Pool, PoolAttributes } from './driver-module.ts';

export interface ConnectionPool extends AsyncDisposable {
  take(signal: AbortSignal): Promise<Connection>;
}

/** Time in which connections in use end before they are closed, in seconds. */
const DRAIN_SECONDS = 1;

/** Made when the first connection is asked for. The longest wait for one is the pool's own: queueTimeout counts for new ones too. */
export function connectionPool(oracledb: OracleModule, attributes: PoolAttributes): ConnectionPool {
  let opening: Promise<Pool> | undefined;
  const opened = async (): Promise<Pool> => {
    opening ??= oracledb.createPool(attributes);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  return {
    async take(signal) {
      signal.throwIfAborted();
      const coming = opened().then((pool) => pool.getConnection());
      try {
        return await unlessAborted(coming, signal);
      } catch (error) {
        // One that comes after the abort goes back unused.
        if (signal.aborted) coming.then((late) => late.close()).catch(() => {});
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      const pool = await opening?.catch(() => undefined);
      opening = undefined;
      await pool?.close(DRAIN_SECONDS);
    },
  };
}

/** Aborts when the wait is over: the driver has no timer for a connection whose server no longer answers. */
export function patienceOf(waitMs: number): AbortSignal {
  return AbortSignal.timeout(waitMs);
}
