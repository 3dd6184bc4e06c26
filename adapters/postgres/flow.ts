// Knows: how the rows of one statement are asked of the server with as little as possible: in one message, without the
// description of its columns, and without its text where the connection has it under a name; and how they wait in the
// socket and on the server until somebody takes them.
// Must not know: pools, tables. What the messages are: https://www.postgresql.org/docs/current/protocol-flow.html.

import type { ClientBase, Connection, Submittable } from 'pg';
import type { Statement, StoredRow } from '../sql/driver.ts';
import { BYTES_PER_GROUP } from '../sql/row-weight.ts';
import { protocolText } from './parameter.ts';

export interface FlowOptions {
  /** The connection keeps the statement under this name. */
  readonly name?: string | undefined;
  /** Rows that the server makes before it waits to be asked for more; 0: all of them, which spares a round trip. */
  readonly portion: number;
}

export interface Group {
  /** Each value is the server's text. */
  readonly rows: readonly StoredRow[];
  /** They are the last; the connection is free. */
  readonly ended: boolean;
}

/** A statement under way. */
export interface Flow {
  /** The next rows: a portion, or less when they weigh much. */
  next(): Promise<Group>;
  /** Ends the statement, no rows wanted any more. False: the server is still making some, and has to be stopped. */
  leave(): boolean;
}

/** What pg calls of a query that brings its own messages. */
interface Asked extends Submittable {
  handleDataRow(message: { readonly fields: StoredRow; readonly length: number }): void;
  handlePortalSuspended(): void;
  handleCommandComplete(): void;
  handleReadyForQuery(): void;
  handleError(error: unknown, connection: Connection): void;
}

/** Names under which a connection has statements. */
const known = new WeakMap<Connection, Set<string>>();

function namesOf(connection: Connection): Set<string> {
  const names = known.get(connection) ?? new Set();
  known.set(connection, names);
  return names;
}

export function start(
  client: ClientBase,
  { sql, parameters }: Statement,
  { name = '', portion }: FlowOptions,
): Flow {
  let connection: Connection | undefined;
  let learn: (() => void) | undefined;
  let rows: StoredRow[] = [];
  /** Bytes of the rows since the last group. */
  let weight = 0;
  /** So many rows are a group. That there is one more is known before it is handed over: the last group is known as such. */
  let full: number | undefined;
  let state: 'flowing' | 'suspended' | 'ended' = 'flowing';
  let paused = false;
  let dropped = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};

  const execute = (): void =>
    // The number is declared as a text.
    connection?.execute(portion === 0 ? null : { rows: String(portion) }, true);
  const resume = (): void => {
    if (!paused) return;
    paused = false;
    connection?.stream.resume();
  };
  const end = (): void => {
    state = 'ended';
    resume();
    wake();
  };

  const asked: Asked = {
    submit(on) {
      connection = on;
      const names = namesOf(on);
      on.stream.cork();
      if (name === '' || !names.has(name)) {
        on.parse({ text: sql, name, types: [] }, true);
        if (name !== '') {
          // A statement can be kept although running it fails.
          learn = () => names.add(name);
          on.once('parseComplete', learn);
        }
      }
      on.bind({ statement: name, values: parameters.map(protocolText) }, true);
      execute();
      // Sync would end what is to be asked for more rows.
      if (portion === 0) on.sync();
      else on.flush();
      on.stream.uncork();
    },
    handleDataRow({ fields, length }) {
      if (dropped) return;
      if (full === undefined && rows.length > 0 && weight + length > BYTES_PER_GROUP) {
        full = rows.length;
        weight = 0;
        // Rows of the chunk that was read still come, others stay in the socket.
        paused = true;
        connection?.stream.pause();
        wake();
      }
      rows.push(fields);
      weight += length;
    },
    handlePortalSuspended() {
      state = 'suspended';
      resume();
      if (dropped) connection?.sync();
      wake();
    },
    handleCommandComplete() {
      resume();
      if (portion !== 0) connection?.sync();
    },
    handleReadyForQuery: end,
    handleError(error, on) {
      if (learn !== undefined) on.off('parseComplete', learn);
      failure = { error };
      if (portion !== 0) on.sync();
      end();
    },
  };
  client.query(asked);

  return {
    async next() {
      if (state === 'suspended' && rows.length === 0) {
        state = 'flowing';
        execute();
        connection?.flush();
      }
      if (state === 'flowing' && full === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        resume();
        await promise;
      }
      if (failure !== undefined) throw failure.error;
      const all = state !== 'flowing';
      const group = all ? rows : rows.slice(0, full);
      rows = all ? [] : rows.slice(full);
      if (all) weight = 0;
      full = undefined;
      return { rows: group, ended: state === 'ended' };
    },
    leave() {
      dropped = true;
      rows = [];
      if (state === 'suspended') connection?.sync();
      resume();
      return state !== 'flowing';
    },
  };
}
