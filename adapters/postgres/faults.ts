// Knows: which fault each SQLSTATE, and each error of the network, is. The codes:
// https://www.postgresql.org/docs/current/errcodes-appendix.html.
// Must not know: statements. Messages of the server hold values and names and go to the log only, as the cause.

import { Fault, type FaultKind, toFault } from '#spi';

interface Meaning {
  readonly kind: FaultKind;
  readonly code: string;
  readonly message: string;
}

const says = (kind: FaultKind, code: string, message: string): Meaning => ({ kind, code, message });

const STOPPED = says(
  'unavailable',
  'shutting-down',
  'The database is starting, stopping or has ended the connection',
);
const UNREACHABLE = says('unavailable', 'cannot-connect', 'The database cannot be reached');
const LOGIN = says('unavailable', 'login', 'The database does not accept the login of the gateway');

/** By SQLSTATE, else by its class, its first two characters. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['08', says('unavailable', 'connection-lost', 'The connection to the database was lost')],
  ['22', says('rejected', 'bad-value', 'The database refuses a value')],
  ['23', says('conflict', 'constraint', 'A constraint of the database forbids it')],
  ['23502', says('rejected', 'not-null', 'A column that must have a value would have none')],
  [
    '23503',
    says('conflict', 'foreign-key', 'A row that it refers to is missing, or another row refers to it'),
  ],
  ['23505', says('conflict', 'duplicate', 'There is a row with this key already')],
  ['23514', says('rejected', 'check-constraint', 'A check of the database refuses it')],
  ['25006', says('unsupported', 'read-only', 'The database is open for reading only')],
  ['28', LOGIN],
  ['3D', says('unavailable', 'no-database', 'The database is not there')],
  ['40', says('conflict', 'rolled-back', 'The database rolled the change back')],
  ['40001', says('conflict', 'serialization', 'The change collides with another one at the same time')],
  ['40P01', says('conflict', 'deadlock', 'The change and another one wait for each other')],
  ['42501', says('upstream', 'permission', 'The login of the gateway may not do this in the database')],
  ['44', says('rejected', 'check-option', 'The view does not allow such a row')],
  ['53', says('unavailable', 'no-resources', 'The database has no resources left')],
  ['55P03', says('unavailable', 'locked', 'The rows are locked by another program')],
  ['57014', says('timeout', 'cancelled', 'The statement was stopped')],
  ['57P01', STOPPED],
  ['57P02', STOPPED],
  ['57P03', STOPPED],
  ['57P05', STOPPED],
  ['58', says('unavailable', 'io-error', 'The database cannot read or write its files')],
  ['P0', says('rejected', 'raised', 'The code of the database refuses it')],
  ['XX001', says('corrupt', 'damaged-database', 'The database is damaged')],
  ['XX002', says('corrupt', 'damaged-database', 'The database is damaged')],
]);

const OTHER = says('upstream', 'sql-error', 'The database refuses the statement');
const TLS = says('unavailable', 'tls', 'A secure connection to the database cannot be made');

export function postgresFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const meaning = meaningOf(error);
  if (meaning === undefined) return toFault(error);
  const { kind, code, message } = meaning;
  return new Fault(kind, message, { code, cause: error });
}

function meaningOf(error: unknown): Meaning | undefined {
  const state = sqlState(error);
  if (state !== undefined) return MEANINGS.get(state) ?? MEANINGS.get(state.slice(0, 2)) ?? OTHER;
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (TLS_CODE.test(code)) return TLS;
  // Other errors of Node itself are mistakes of ours.
  return code.startsWith('ERR_') ? undefined : UNREACHABLE;
}

/** Codes of Node's TLS and of OpenSSL's verification. */
const TLS_CODE =
  /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|CRL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|HOSTNAME_|INVALID_CA|EPROTO)/;

/** Errors of the server have a severity beside their code. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'severity' in error ? codeOf(error) : undefined;
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** After this nobody knows what the server did last. */
export function isLost(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || state.startsWith('08') || state.startsWith('57P');
}

export function connectionLost(cause: unknown): Fault {
  return new Fault('unavailable', 'The connection to the database was lost', {
    code: 'connection-lost',
    cause,
  });
}

export function noConnection(cause: unknown): Fault {
  return new Fault('unavailable', 'No connection to the database could be had in time', {
    code: 'no-connection',
    cause,
  });
}

/** The kind is not `unavailable`: that would be an invitation to do it again. */
export function outcomeUnknown(cause: unknown): Fault {
  return new Fault(
    'upstream',
    'The connection was lost during the commit: nobody knows whether the change was made',
    {
      code: 'outcome-unknown',
      cause,
    },
  );
}
