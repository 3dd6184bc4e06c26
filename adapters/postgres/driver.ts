// Knows: how statements run on a PostgreSQL server: rows as they are taken, transactions, calls.
// Must not know: tables, queries, rows of the API.

import type { QueryArrayResult } from 'pg';
import { Fault, unlessAborted } from '#spi';
import type { Driver, Statement } from '../sql/driver.ts';
import { outcomeUnknown } from '../sql/server-faults.ts';
import { callRoutine, opensCursors } from './call.ts';
import { answered, connections, type PostgresServer } from './connections.ts';
import { isLost, isStale, postgresFault, raisedBy } from './faults.ts';
import { type Group, start } from './flow.ts';
import { protocolText } from './parameter.ts';
import { preparedNames, UNPREPARED } from './prepared.ts';
import { AS_TEXT } from './session.ts';

/** Rows made and handed over at once. */
const ROWS_PER_GROUP = 500;

/** Run to its end at once, every value as the server's text. */
function questionOf({ sql, parameters }: Statement) {
  return { text: sql, values: parameters.map(protocolText), rowMode: 'array' as const, types: AS_TEXT };
}

export function postgresDriver(server: PostgresServer): Driver {
  const open = connections(server);
  const { take, settle, recover } = open;

  const names = server.prepare === false ? UNPREPARED : preparedNames();

  /** Runs a statement to its end on the connection of a transaction. */
  type AskAll = (statement: Statement) => Promise<QueryArrayResult<string[]>>;

  const inTransaction = async <T>(
    begin: string,
    work: (ask: AskAll) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const client = await take(signal);
    const ask: AskAll = (statement) => {
      signal.throwIfAborted();
      return unlessAborted(answered(client.query<string[]>(questionOf(statement))), signal);
    };
    let result: T;
    try {
      await ask({ sql: begin, parameters: [] });
      result = await work(ask);
      signal.throwIfAborted();
    } catch (error) {
      if (signal.aborted) recover(client, 'rollback');
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
    try {
      const result = await work((statement) =>
        unlessAborted(answered(client.query<string[]>(questionOf(statement))), signal),
      );
      client.release();
      return result;
    } catch (error) {
      if (signal.aborted) recover(client, 'select 1');
      else await settle(client, 'select 1');
      throw error;
    }
  };

  const driver: Driver = {
    async *stream(statement, signal) {
      const few = statement.atMost !== undefined && statement.atMost <= ROWS_PER_GROUP;
      const portion = few ? 0 : ROWS_PER_GROUP;
      let name = few ? names.nameOf(statement.sql) : undefined;
      const client = await take(signal);
      let flow = start(client, statement, { name, portion });
      let held = true;
      const release = (broken: boolean): void => {
        held = false;
        client.release(broken);
      };
      try {
        while (held) {
          let group: Group;
          try {
            group = await unlessAborted(answered(flow.next()), signal);
          } catch (error) {
            if (signal.aborted) throw error;
            if (name === undefined || !isStale(error)) {
              release(isLost(error));
              throw error;
            }
            names.drop(statement.sql);
            name = undefined;
            flow = start(client, statement, { portion });
            continue;
          }
          // Once rows of it were handed out it cannot be run anew.
          name = undefined;
          // Before the rows are handed out: a slow reader of the last group must not keep the connection.
          if (group.ended) release(false);
          if (group.rows.length > 0) yield group.rows;
          if (held) signal.throwIfAborted();
        }
      } finally {
        if (held) {
          if (flow.leave()) await settle(client, 'select 1');
          else recover(client, 'select 1');
        }
      }
    },

    async ping(signal) {
      const client = await take(signal);
      try {
        await unlessAborted(answered(client.query('select 1')), signal);
      } catch (error) {
        if (signal.aborted) recover(client, 'select 1');
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
