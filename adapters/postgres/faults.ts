// Knows: which fault each SQLSTATE, and each error of the network, is. The codes:
// https://www.postgresql.org/docs/current/errcodes-appendix.html.
// Must not know: statements. Messages of the server hold values and names and go to the log only, as the cause.

import type { ClientConfig } from 'pg';
import { Fault, type SourceFault, toFault } from '#spi';
import {
  BAD_VALUE,
  CHECK,
  CHECK_OPTION,
  codeOf,
  DEADLOCK,
  DUPLICATE,
  FOREIGN_KEY,
  isTlsCode,
  LOCK_TIMEOUT,
  LOGIN,
  LOST,
  type Meaning,
  meant,
  NO_DATABASE,
  NOT_NULL,
  noConnection,
  OTHER,
  PERMISSION,
  RAISED,
  READ_ONLY,
  SERIALIZATION,
  STOPPED,
  says,
  TLS,
  UNFIT,
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
  ['22001', UNFIT],
  ['22003', UNFIT],
  ['22007', UNFIT],
  ['22008', UNFIT],
  ['22021', UNFIT],
  ['22026', UNFIT],
  ['22P02', UNFIT],
  ['22P05', UNFIT],
  ['23', says('conflict', 'constraint', 'A constraint of the database forbids it')],
  ['23502', NOT_NULL],
  ['23503', FOREIGN_KEY],
  ['23505', DUPLICATE],
  ['23514', CHECK],
  ['25006', READ_ONLY],
  ['28', LOGIN],
  [
    '2D000',
    says(
      'upstream',
      'own-transaction',
      'The procedure commits or rolls back itself, which its operation must declare: transaction: own',
    ),
  ],
  ['3D', NO_DATABASE],
  ['40', says('conflict', 'rolled-back', 'The database rolled the change back')],
  ['40001', SERIALIZATION],
  ['40P01', DEADLOCK],
  ['42501', PERMISSION],
  ['44', CHECK_OPTION],
  ['53', says('unavailable', 'no-resources', 'The database has no resources left')],
  ['55P03', LOCK_TIMEOUT],
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

/** The part of the server from which RAISE sends an error: its code may be any. */
const RAISE = 'exec_stmt_raise';

/** An error that a function or procedure raised on purpose. */
export function raisedBy(error: unknown): SourceFault | undefined {
  const state = sqlState(error);
  if (state === undefined || !(error instanceof Error)) return undefined;
  const routine = 'routine' in error ? error.routine : undefined;
  if (routine !== RAISE && state !== 'P0001') return undefined;
  return { code: state, reason: error.message };
}

/** The driver has no code for a server that does not answer in time, and none for one that offers no TLS. */
export function notConnected(error: unknown, { ssl }: ClientConfig): unknown {
  if (codeOf(error) !== undefined) return error;
  if (ssl === undefined || ssl === false) return noConnection(error);
  const message =
    'No connection to the database could be had: it offers no TLS (for such a server say tls: false), or does not answer in time';
  return new Fault('unavailable', message, { code: 'no-connection', cause: error });
}

/** After this nobody knows what the server did last. */
export function isLost(error: unknown): boolean {
  if (raisedBy(error) !== undefined) return false;
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
