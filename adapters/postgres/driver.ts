// Knows: how statements run on a PostgreSQL server: cursors, transactions, calls.
// Must not know: tables, queries, rows of the API.

import type { QueryArrayResult } from 'pg';
import Cursor from 'pg-cursor';
import { Fault, unlessAborted } from '#spi';
import type { Driver, Statement, StoredRow } from '../sql/driver.ts';
import { outcomeUnknown } from '../sql/server-faults.ts';
import { callRoutine, opensCursors } from './call.ts';
import { answered, connections, type PostgresServer } from './connections.ts';
import { isLost, isStale, postgresFault, raisedBy } from './faults.ts';
import { protocolText } from './parameter.ts';
import { preparedNames, UNPREPARED } from './prepared.ts';
import { ask } from './question.ts';
import { AS_TEXT } from './session.ts';

/** Rows fetched and handed over at once. */
const ROWS_PER_GROUP = 500;

/** Run to its end at once, every value as the server's text. */
function questionOf({ sql, parameters }: Statement) {
  return { text: sql, values: parameters.map(protocolText), rowMode: 'array' as const, types: AS_TEXT };
}

export function postgresDriver(server: PostgresServer): Driver {
  const open = connections(server);
  const { take, settle, recover } = open;

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

  /** Runs a statement to its end on the connection of a transaction. */
  type AskAll = (statement: Statement) => Promise<QueryArrayResult<string[]>>;

  const inTransaction = async <T>(
    begin: string,
    work: (ask: AskAll) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const client = await take(signal);
    let running: Promise<unknown> = Promise.resolve();
    const ask: AskAll = (statement) => {
      signal.throwIfAborted();
      const asked = answered(client.query<string[]>(questionOf(statement)));
      running = asked;
      return unlessAborted(asked, signal);
    };
    let result: T;
    try {
      await ask({ sql: begin, parameters: [] });
      result = await work(ask);
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
  };

  /** Outside a transaction: what is called commits on its own. */
  const alone = async <T>(work: (ask: AskAll) => Promise<T>, signal: AbortSignal): Promise<T> => {
    const client = await take(signal);
    let running: Promise<unknown> = Promise.resolve();
    try {
      const result = await work((statement) => {
        const asked = answered(client.query<string[]>(questionOf(statement)));
        running = asked;
        return unlessAborted(asked, signal);
      });
      client.release();
      return result;
    } catch (error) {
      if (signal.aborted) recover(client, running, async () => {}, 'select 1');
      else await settle(client, 'select 1');
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

    async call(call, read, signal) {
      const work = async (ask: AskAll) => {
        const result = await callRoutine(call, async (statement) => {
          const { rows, fields } = await ask(statement).catch((error: unknown) => {
            throw !call.readOnly && !signal.aborted && isLost(error) ? outcomeUnknown(error) : error;
          });
          return { rows, columns: fields.map(({ name }) => name) };
        });
        return read(result);
      };
      // A session that only reads has nothing to commit and nothing to roll back.
      return (call.transaction && !server.readOnly) || opensCursors(call)
        ? await inTransaction(call.readOnly ? 'begin read only' : 'begin', work, signal)
        : await alone(work, signal);
    },

    raised: raisedBy,

    fault: postgresFault,

    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
  if (server.readOnly) return driver;

  return {
    ...driver,
    transaction: (work, signal) =>
      inTransaction(
        'begin',
        (ask) =>
          work({
            async run(statement) {
              const { rows, rowCount } = await ask(statement);
              return { rows, affected: rowCount ?? 0 };
            },
          }),
        signal,
      ),
  };
}
