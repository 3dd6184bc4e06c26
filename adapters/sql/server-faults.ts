// Knows: what goes wrong with every database server beyond its statements: the connection, TLS, a commit that nobody saw end.
// Must not know: any product, and the numbers and states that it has for its errors.

import { Fault, type FaultKind } from '#spi';

/** What an error of a server means. Its own message holds values and names: it is the cause, for the log only. */
export interface Meaning {
  readonly kind: FaultKind;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export function says(kind: FaultKind, code: string, message: string, hint?: string): Meaning {
  return { kind, code, message, ...(hint === undefined ? {} : { hint }) };
}

export const LOGIN = says('unavailable', 'login', 'The database does not accept the login of the gateway');
export const LOST = says('unavailable', 'connection-lost', 'The connection to the database was lost');
export const NO_DATABASE = says('unavailable', 'no-database', 'The database is not there');
export const UNREACHABLE = says('unavailable', 'cannot-connect', 'The database cannot be reached');
export const TLS = says(
  'unavailable',
  'tls',
  'A secure connection to the database cannot be made',
  'The certificate of the server must be of the host that is configured, and of a maker that tls.ca names',
);
export const TLS_WANTED = says(
  'unavailable',
  'tls',
  'The database takes secure connections only',
  'Remove tls: false from the source',
);
export const STOPPED = says('timeout', 'cancelled', 'The statement was stopped');
export const FOREIGN_KEY = says(
  'conflict',
  'foreign-key',
  'A row that it refers to is missing, or another row refers to it',
);
export const DUPLICATE = says('conflict', 'duplicate', 'There is a row with this key already');
export const DEADLOCK = says('conflict', 'deadlock', 'The change and another one wait for each other');
export const SERIALIZATION = says(
  'conflict',
  'serialization',
  'The change collides with another one at the same time',
);
export const CHECK_OPTION = says('rejected', 'check-option', 'The view does not allow such a row');
export const NOT_NULL = says('rejected', 'not-null', 'A column that must have a value would have none');
export const CHECK = says('rejected', 'check-constraint', 'A check of the database refuses it');
export const BAD_VALUE = says('rejected', 'bad-value', 'The database refuses a value');
export const UNFIT = says('invalid', 'bad-value', 'The database cannot hold a value as it is given');
export const NOT_COMPUTED = says(
  'upstream',
  'not-computed',
  'The database could not work out the answer: some value does not fit what it does with it',
);
export const LOCK_TIMEOUT = says('timeout', 'lock-timeout', 'The rows are locked by another program');
export const RAISED = says('rejected', 'raised', 'The code of the database refuses it');
export const PERMISSION = says(
  'upstream',
  'permission',
  'The login of the gateway may not do this in the database',
);
export const READ_ONLY = says('unsupported', 'read-only', 'The database is open for reading only');
export const OTHER = says('upstream', 'sql-error', 'The database refuses the statement');

/** Codes of Node's TLS, of OpenSSL's verification, and of drivers about them. */
const TLS_CODE =
  /^(?:HANDSHAKE_|ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|CRL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|HOSTNAME_|INVALID_CA|EPROTO)/;

export function isTlsCode(code: string): boolean {
  return TLS_CODE.test(code);
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function meant({ kind, code, message, hint }: Meaning, cause: unknown): Fault {
  return new Fault(kind, message, { code, cause, ...(hint === undefined ? {} : { hint }) });
}

export function noConnection(cause?: unknown): Fault {
  return new Fault('unavailable', 'No connection to the database could be had in time', {
    code: 'no-connection',
    cause,
  });
}

/** The kind is not `unavailable`: that would be an invitation to do it again. */
export function outcomeUnknown(cause: unknown): Fault {
  return new Fault(
    'upstream',
    'The connection was lost on the way: nobody knows whether the change was made',
    { code: 'outcome-unknown', cause },
  );
}
