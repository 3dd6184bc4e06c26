// Knows: which fault each SQLSTATE, and each error of the network, is. The codes:
// https://www.postgresql.org/docs/current/errcodes-appendix.html.
// Must not know: statements. Messages of the server hold values and names and go to the log only, as the cause.

import { Fault, toFault } from '#spi';
import {
  BAD_VALUE,
  CHECK,
  codeOf,
  DEADLOCK,
  DUPLICATE,
  FOREIGN_KEY,
  isTlsCode,
  LOGIN,
  LOST,
  type Meaning,
  meant,
  NO_DATABASE,
  NOT_NULL,
  OTHER,
  PERMISSION,
  RAISED,
  READ_ONLY,
  STOPPED,
  says,
  TLS,
  UNREACHABLE,
} from '../sql/server-faults.ts';

const STOPPING = says(
  'unavailable',
  'shutting-down',
  'The database is starting, stopping or has ended the connection',
);

/** By SQLSTATE, else by its class, its first two characters. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['08', LOST],
  ['22', BAD_VALUE],
  ['23', says('conflict', 'constraint', 'A constraint of the database forbids it')],
  ['23502', NOT_NULL],
  ['23503', FOREIGN_KEY],
  ['23505', DUPLICATE],
  ['23514', CHECK],
  ['25006', READ_ONLY],
  ['28', LOGIN],
  ['3D', NO_DATABASE],
  ['40', says('conflict', 'rolled-back', 'The database rolled the change back')],
  ['40001', says('conflict', 'serialization', 'The change collides with another one at the same time')],
  ['40P01', DEADLOCK],
  ['42501', PERMISSION],
  ['44', says('rejected', 'check-option', 'The view does not allow such a row')],
  ['53', says('unavailable', 'no-resources', 'The database has no resources left')],
  ['55P03', says('unavailable', 'locked', 'The rows are locked by another program')],
  ['57014', STOPPED],
  ['57P01', STOPPING],
  ['57P02', STOPPING],
  ['57P03', STOPPING],
  ['57P05', STOPPING],
  ['58', says('unavailable', 'io-error', 'The database cannot read or write its files')],
  ['P0', RAISED],
  ['XX001', says('corrupt', 'damaged-database', 'The database is damaged')],
  ['XX002', says('corrupt', 'damaged-database', 'The database is damaged')],
]);

export function postgresFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const meaning = meaningOf(error);
  return meaning === undefined ? toFault(error) : meant(meaning, error);
}

function meaningOf(error: unknown): Meaning | undefined {
  const state = sqlState(error);
  if (state !== undefined) return MEANINGS.get(state) ?? MEANINGS.get(state.slice(0, 2)) ?? OTHER;
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (isTlsCode(code)) return TLS;
  // Other errors of Node itself are mistakes of ours.
  return code.startsWith('ERR_') ? undefined : UNREACHABLE;
}

/** Errors of the server have a severity beside their code. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'severity' in error ? codeOf(error) : undefined;
}

/** After this nobody knows what the server did last. */
export function isLost(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || state.startsWith('08') || state.startsWith('57P');
}

/**
 * A prepared statement that cannot be run any more, though its text may be: a column has changed its type
 * (feature_not_supported), or a pooler has given us another session (invalid_sql_statement_name, duplicate_prepared_statement).
 */
export function isStale(error: unknown): boolean {
  return ['0A000', '26000', '42P05'].includes(sqlState(error) ?? '');
}

export function connectionLost(cause: unknown): Fault {
  return meant(LOST, cause);
}
