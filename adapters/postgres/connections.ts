// Knows: the connections to a PostgreSQL server: pool, prepared sessions, bringing one back after something was stopped on it.
// Must not know: what is asked on them.

import { Client, type ClientConfig, Pool, type PoolClient } from 'pg';
import { unlessAborted } from '#spi';
import { codeOf } from '../sql/server-faults.ts';
import { connectionLost, notConnected } from './faults.ts';
import { AS_TEXT, type SessionOptions, sessionStatement } from './session.ts';

export interface PostgresServer extends SessionOptions {
  readonly connection: ClientConfig;
  /** False: no statement is kept prepared, however often it is asked. */
  readonly prepare?: boolean;
  readonly pool: {
    readonly max: number;
    readonly idleMs: number;
    readonly maxLifetimeMs: number;
    readonly waitMs: number;
  };
}

export interface Connections extends AsyncDisposable {
  /** A connection whose session is prepared. */
  take(signal: AbortSignal): Promise<PoolClient>;
  /**
   * Runs a last statement, queued behind what still runs on the connection and given up by the driver's own timer: a
   * connection that answers it in time is usable and goes back, another is closed. Never throws.
   */
  settle(client: PoolClient, last: string): Promise<void>;
  /** Stops what runs on the connection and gives it back when it is usable again, else closes it. Never throws. */
  recover(client: PoolClient, last: string): void;
}

/** Errors of a request that the server did not answer have no code: the connection is gone. */
export async function answered<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw codeOf(error) === undefined ? connectionLost(error) : error;
  }
}

export function connections(server: PostgresServer): Connections {
  const { waitMs } = server.pool;
  const session = sessionStatement(server);
  const pool = new Pool({
    ...server.connection,
    max: server.pool.max,
    idleTimeoutMillis: server.pool.idleMs,
    maxLifetimeSeconds: Math.ceil(server.pool.maxLifetimeMs / 1000),
    connectionTimeoutMillis: waitMs,
    allowExitOnIdle: true,
  });
  const processes = new WeakMap<PoolClient, number>();
  /** Connections that are being brought back into a clean state. */
  const recovering = new Set<Promise<void>>();
  let ended: Promise<void> | undefined;
  // The pool drops a connection that fails while nobody uses it, and whoever uses one is told by its request.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));

  const prepared = async (): Promise<PoolClient> => {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw notConnected(error, server.connection);
    }
    if (processes.has(client)) return client;
    try {
      const { text, values } = session;
      const { rows } = await answered(
        client.query<string[]>({ text, values: [...values], rowMode: 'array', types: AS_TEXT }),
      );
      processes.set(client, Number(rows[0]?.[0]));
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  };

  const take = async (signal: AbortSignal): Promise<PoolClient> => {
    signal.throwIfAborted();
    const connecting = prepared();
    try {
      return await unlessAborted(connecting, signal);
    } catch (error) {
      // One that comes after the abort goes back unused.
      if (signal.aborted) connecting.then((client) => client.release()).catch(() => {});
      throw error;
    }
  };

  const settle = async (client: PoolClient, text: string): Promise<void> => {
    const query = { text, query_timeout: waitMs };
    try {
      await client.query(query);
      client.release();
    } catch {
      client.release(true);
    }
  };

  const cancel = async (client: PoolClient): Promise<void> => {
    // Not from the pool: all of its connections may be busy with what is to be stopped.
    const other = new Client({ ...server.connection, connectionTimeoutMillis: waitMs });
    other.on('error', () => {});
    try {
      await other.connect();
      const query = {
        text: 'select pg_cancel_backend($1::int)',
        values: [processes.get(client)],
        query_timeout: waitMs,
      };
      await other.query(query);
    } finally {
      await other.end().catch(() => {});
    }
  };

  const recover = (client: PoolClient, last: string): void => {
    const work = (async () => {
      try {
        await cancel(client);
      } catch {
        client.release(true);
        return;
      }
      // A cancel that came late would hit the next statement: it hits this one.
      await settle(client, last);
    })();
    recovering.add(work);
    void work.finally(() => recovering.delete(work));
  };

  return {
    take,
    settle,
    recover,
    async [Symbol.asyncDispose]() {
      ended ??= Promise.all(recovering).then(() => pool.end());
      await ended;
    },
  };
}
