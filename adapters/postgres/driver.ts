// Knows: how statements run on a PostgreSQL server: pool, cursors, cancelling, transactions.
// Must not know: tables, queries, rows of the API.

import { Client, type ClientConfig, Pool, type PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import { Fault, unlessAborted } from '#spi';
import type { Driver, Session, Statement, StatementResult, StoredRow } from '../sql/driver.ts';
import { codeOf, noConnection, outcomeUnknown } from '../sql/server-faults.ts';
import { connectionLost, isLost, isStale, postgresFault } from './faults.ts';
import { protocolText } from './parameter.ts';
import { preparedNames, UNPREPARED } from './prepared.ts';
import { ask } from './question.ts';
import { AS_TEXT, type SessionOptions, sessionStatement } from './session.ts';

/** Rows fetched and handed over at once. */
const ROWS_PER_GROUP = 500;

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

/** Errors of a request that the server did not answer have no code: the connection is gone. */
async function answered<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw codeOf(error) === undefined ? connectionLost(error) : error;
  }
}

/** Run to its end at once, every value as the server's text. */
function questionOf({ sql, parameters }: Statement) {
  return { text: sql, values: parameters.map(protocolText), rowMode: 'array' as const, types: AS_TEXT };
}

export function postgresDriver(server: PostgresServer): Driver {
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
      throw codeOf(error) === undefined ? noConnection(error) : error;
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

  /**
   * Queued behind what still runs on the connection, and given up by the driver's own timer: a connection that answers
   * it in time is usable.
   */
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

  /** Stops what runs on the connection and gives it back when it is usable again, else closes it. Never throws. */
  const recover = (
    client: PoolClient,
    running: Promise<unknown>,
    end: () => Promise<unknown>,
    last: string,
  ): void => {
    const work = (async () => {
      try {
        await cancel(client);
      } catch {
        client.release(true);
        return;
      }
      void running
        .catch(() => {})
        .then(end)
        .catch(() => {});
      // A cancel that came late would hit the next statement: it hits this one.
      await settle(client, last);
    })();
    recovering.add(work);
    void work.finally(() => recovering.delete(work));
  };

  const names = server.prepare === false ? UNPREPARED : preparedNames();

  /** All rows in one round trip, for statements that can only bring few: a cursor takes three. */
  const few = async (statement: Statement, signal: AbortSignal): Promise<readonly StoredRow[]> => {
    const name = names.nameOf(statement.sql);
    try {
      return await fewUnder(name, statement, signal);
    } catch (error) {
      if (name === undefined || !isStale(error)) throw error;
      names.drop(statement.sql);
      return await fewUnder(undefined, statement, signal);
    }
  };

  const fewUnder = async (
    name: string | undefined,
    statement: Statement,
    signal: AbortSignal,
  ): Promise<readonly StoredRow[]> => {
    const client = await take(signal);
    const asked = answered(ask(client, statement, name));
    try {
      const rows = await unlessAborted(asked, signal);
      client.release();
      return rows;
    } catch (error) {
      if (signal.aborted) recover(client, asked, async () => {}, 'select 1');
      else client.release(isLost(error));
      throw error;
    }
  };

  const driver: Driver = {
    async *stream(statement, signal) {
      if (statement.atMost !== undefined && statement.atMost <= ROWS_PER_GROUP) {
        const rows = await few(statement, signal);
        if (rows.length > 0) yield rows;
        return;
      }
      const client = await take(signal);
      const cursor = client.query(
        new Cursor<StoredRow>(statement.sql, statement.parameters.map(protocolText), {
          rowMode: 'array',
          types: AS_TEXT,
        }),
      );
      let held = true;
      let reading: Promise<unknown> | undefined;
      let failed = false;
      try {
        while (held) {
          const next = answered(cursor.read(ROWS_PER_GROUP));
          reading = next;
          const rows = await unlessAborted(next, signal);
          reading = undefined;
          if (rows.length < ROWS_PER_GROUP) {
            // Before the rows are handed out: a slow reader of the last group must not keep the connection.
            held = false;
            client.release();
          }
          if (rows.length > 0) yield rows;
          if (held) signal.throwIfAborted();
        }
      } catch (error) {
        failed = !signal.aborted;
        if (failed && held) {
          held = false;
          client.release(isLost(error));
        }
        throw error;
      } finally {
        if (held && !failed) {
          if (reading !== undefined) recover(client, reading, () => cursor.close(), 'select 1');
          else {
            cursor.close().catch(() => {});
            await settle(client, 'select 1');
          }
        }
      }
    },

    async ping(signal) {
      const client = await take(signal);
      const asked = answered(client.query('select 1'));
      try {
        await unlessAborted(asked, signal);
      } catch (error) {
        if (signal.aborted) recover(client, asked, async () => {}, 'select 1');
        else client.release(isLost(error));
        throw error;
      }
      client.release();
    },

    fault: postgresFault,

    async [Symbol.asyncDispose]() {
      ended ??= Promise.all(recovering).then(() => pool.end());
      await ended;
    },
  };
  if (server.readOnly) return driver;

  return {
    ...driver,
    async transaction(work, signal) {
      const client = await take(signal);
      let running: Promise<unknown> = Promise.resolve();
      const run = async (statement: Statement): Promise<StatementResult> => {
        signal.throwIfAborted();
        const asked = answered(client.query<string[]>(questionOf(statement)));
        running = asked;
        const { rows, rowCount } = await unlessAborted(asked, signal);
        return { rows, affected: rowCount ?? 0 };
      };
      const own: Session = { run };
      let result: Awaited<ReturnType<typeof work>>;
      try {
        await run({ sql: 'begin', parameters: [] });
        result = await work(own);
        signal.throwIfAborted();
      } catch (error) {
        if (signal.aborted) recover(client, running, async () => {}, 'rollback');
        else await settle(client, 'rollback');
        throw error;
      }
      try {
        const { command } = await answered(client.query('commit'));
        client.release();
        // What a failed statement left behind is rolled back by the commit.
        if (command !== 'COMMIT') {
          throw new Fault('conflict', 'The database rolled the change back', { code: 'rolled-back' });
        }
        return result;
      } catch (error) {
        if (error instanceof Fault && error.code === 'rolled-back') throw error;
        client.release(isLost(error));
        throw isLost(error) ? outcomeUnknown(error) : error;
      }
    },
  };
}
