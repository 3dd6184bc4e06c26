// Knows: which fault each error number of the server, and each error of the network, is. The numbers:
// https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's own reference.
// Must not know: statements. Messages of the server hold values and names and go to the log only, as the cause.

import { Fault, type FaultKind, toFault } from '#spi';

interface Meaning {
  readonly kind: FaultKind;
  readonly code: string;
  readonly message: string;
}

const says = (kind: FaultKind, code: string, message: string): Meaning => ({ kind, code, message });

const LOGIN = says('unavailable', 'login', 'The database does not accept the login of the gateway');
const LOST = says('unavailable', 'connection-lost', 'The connection to the database was lost');
const BUSY = says('unavailable', 'too-many-connections', 'The database takes no more connections');
const STOPPING = says('unavailable', 'shutting-down', 'The database is stopping');
const STOPPED = says('timeout', 'cancelled', 'The statement was stopped');
const FOREIGN = says(
  'conflict',
  'foreign-key',
  'A row that it refers to is missing, or another row refers to it',
);
const DUPLICATE = says('conflict', 'duplicate', 'There is a row with this key already');
const NOT_NULL = says('rejected', 'not-null', 'A column that must have a value would have none');
const CHECK = says('rejected', 'check-constraint', 'A check of the database refuses it');
const VALUE = says('rejected', 'bad-value', 'The database refuses a value');
const PERMISSION = says('upstream', 'permission', 'The login of the gateway may not do this in the database');
const READ_ONLY = says('unsupported', 'read-only', 'The database is open for reading only');
const UNREACHABLE = says('unavailable', 'cannot-connect', 'The database cannot be reached');
const TLS = says('unavailable', 'tls', 'A secure connection to the database cannot be made');
const OTHER = says('upstream', 'sql-error', 'The database refuses the statement');

const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [1040, BUSY],
  [1203, BUSY],
  [1226, BUSY],
  [1044, LOGIN],
  [1045, LOGIN],
  [1698, LOGIN],
  [1049, says('unavailable', 'no-database', 'The database is not there')],
  [1048, NOT_NULL],
  [1364, NOT_NULL],
  [1053, STOPPING],
  [1927, LOST],
  [2006, LOST],
  [2013, LOST],
  [1062, DUPLICATE],
  [1586, DUPLICATE],
  [1142, PERMISSION],
  [1143, PERMISSION],
  [1227, PERMISSION],
  [1370, PERMISSION],
  [1205, says('timeout', 'lock-timeout', 'The rows are locked by another program')],
  [1213, says('conflict', 'deadlock', 'The change and another one wait for each other')],
  [1264, VALUE],
  [1292, VALUE],
  [1366, VALUE],
  [1406, VALUE],
  [1317, STOPPED],
  [1969, STOPPED],
  [3024, STOPPED],
  [1451, FOREIGN],
  [1452, FOREIGN],
  [1290, READ_ONLY],
  [1792, READ_ONLY],
  [1836, READ_ONLY],
  [3819, CHECK],
  [4025, CHECK],
  [1644, says('rejected', 'raised', 'The code of the database refuses it')],
]);

const TLS_CODE =
  /^(?:HANDSHAKE_|ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|CRL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|HOSTNAME_|INVALID_CA|EPROTO)/;
const NETWORK_CODE = /^(?:PROTOCOL_|E[A-Z0-9]+$)/;

export function mysqlFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const meaning = meaningOf(error);
  if (meaning === undefined) return toFault(error);
  const { kind, code, message } = meaning;
  return new Fault(kind, message, { code, cause: error });
}

function meaningOf(error: unknown): Meaning | undefined {
  const code = codeOf(error);
  const number = numberOf(error);
  if (number !== undefined) return MEANINGS.get(number) ?? OTHER;
  if (code === undefined) return undefined;
  if (TLS_CODE.test(code)) return TLS;
  if (code === 'PROTOCOL_CONNECTION_LOST' || code === 'ECONNRESET' || code === 'EPIPE') return LOST;
  return NETWORK_CODE.test(code) ? UNREACHABLE : undefined;
}

/** Numbers of the server and of its client library; the system's own are negative. */
export function numberOf(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number' && error.errno > 0
    ? error.errno
    : undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** After this nobody knows what the server did last. */
export function isLost(error: unknown): boolean {
  const number = numberOf(error);
  return number === undefined || MEANINGS.get(number) === LOST || MEANINGS.get(number) === STOPPING;
}

export function noConnection(): Fault {
  return new Fault('unavailable', 'No connection to the database could be had in time', {
    code: 'no-connection',
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
