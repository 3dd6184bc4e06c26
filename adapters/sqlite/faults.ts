// Knows: which fault each result code of SQLite is. The codes: https://www.sqlite.org/rescode.html.
// Must not know: statements. Messages of SQLite hold names and SQL and go to the log only, as the cause.

import { Fault, type FaultKind, toFault } from '#spi';

interface Meaning {
  readonly kind: FaultKind;
  readonly code: string;
  readonly message: string;
}

const CANNOT_OPEN: Meaning = {
  kind: 'unavailable',
  code: 'cannot-open',
  message: 'The database file is missing or cannot be opened',
};
const LOCKED: Meaning = {
  kind: 'unavailable',
  code: 'locked',
  message: 'The database is locked by another program',
};
const DUPLICATE: Meaning = {
  kind: 'conflict',
  code: 'duplicate',
  message: 'There is a row with this key already',
};

/** By extended result code, else by the primary code in its low byte. */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [3, CANNOT_OPEN],
  [5, LOCKED],
  [6, LOCKED],
  [8, { kind: 'unsupported', code: 'read-only', message: 'The database is open for reading only' }],
  [9, { kind: 'timeout', code: 'interrupted', message: 'The statement was stopped' }],
  [10, { kind: 'unavailable', code: 'io-error', message: 'The database file cannot be read or written' }],
  [11, { kind: 'corrupt', code: 'damaged-database', message: 'The database file is damaged' }],
  [13, { kind: 'unavailable', code: 'disk-full', message: 'The database has no room left' }],
  [14, CANNOT_OPEN],
  [19, { kind: 'conflict', code: 'constraint', message: 'A constraint of the database forbids it' }],
  [23, CANNOT_OPEN],
  [26, { kind: 'corrupt', code: 'not-a-database', message: 'The file is no SQLite database' }],
  [275, { kind: 'rejected', code: 'check-constraint', message: 'A check of the database refuses it' }],
  [1299, { kind: 'rejected', code: 'not-null', message: 'A column that must have a value would have none' }],
  [1555, DUPLICATE],
  [2067, DUPLICATE],
]);

const OTHER: Meaning = { kind: 'upstream', code: 'sql-error', message: 'The database refuses the statement' };

export function sqliteFault(error: unknown): Fault {
  const result = resultCode(error) ?? systemCode(error);
  if (result === undefined) return toFault(error);
  const { kind, code, message } = MEANINGS.get(result) ?? MEANINGS.get(result & 0xff) ?? OTHER;
  return new Fault(kind, message, { code, cause: error });
}

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}

const CANTOPEN_CODE = 14;

/** The file is looked at before it is opened: an error of the file system has a word for its code. */
function systemCode(error: unknown): number | undefined {
  return error instanceof Error && 'syscall' in error ? CANTOPEN_CODE : undefined;
}
