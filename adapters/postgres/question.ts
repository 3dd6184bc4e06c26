// Knows: how one statement is asked of the server so that as little as possible is said: in one message, without the
// description of its columns, and without its text where the connection has it under a name.
// Must not know: pools, tables. What the messages are: https://www.postgresql.org/docs/current/protocol-flow.html.

import type { ClientBase, Connection, Submittable } from 'pg';
import type { Statement, StoredRow } from '../sql/driver.ts';
import { protocolText } from './parameter.ts';

/** What pg calls of a query that brings its own messages; pg-cursor is another one. */
interface Asked extends Submittable {
  handleDataRow(message: { readonly fields: StoredRow }): void;
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

/** Every row at once, each value as the server's text. `name`: the connection keeps the statement under it. */
export function ask(
  client: ClientBase,
  { sql, parameters }: Statement,
  name = '',
): Promise<readonly StoredRow[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly StoredRow[]>();
  const rows: StoredRow[] = [];
  let learn: (() => void) | undefined;
  const asked: Asked = {
    submit(connection) {
      const names = namesOf(connection);
      connection.stream.cork();
      if (name === '' || !names.has(name)) {
        connection.parse({ text: sql, name, types: [] }, true);
        if (name !== '') {
          // A statement can be kept although running it fails.
          learn = () => names.add(name);
          connection.once('parseComplete', learn);
        }
      }
      connection.bind({ statement: name, values: parameters.map(protocolText) }, true);
      connection.execute(null, true);
      connection.sync();
      connection.stream.uncork();
    },
    handleDataRow: ({ fields }) => rows.push(fields),
    handleCommandComplete: () => {},
    handleReadyForQuery: () => resolve(rows),
    handleError(error, connection) {
      if (learn !== undefined) connection.off('parseComplete', learn);
      reject(error);
    },
  };
  client.query(asked);
  return promise;
}
