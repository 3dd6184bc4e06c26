// Knows: which fault each result code of SQLite is. The codes: https://www.sqlite.org/rescode.html.
// Must not know: statements. Messages of SQLite hold names and SQL and go to the log only, as the cause.

import { type Fault, toFault } from '#spi';
import {
  CHECK,
  DUPLICATE,
  FOREIGN_KEY,
  type Meaning,
  meant,
  NOT_NULL,
  OTHER,
  RAISED,
  READ_ONLY,
  says,
  UNFIT,
} from '../sql/server-faults.ts';

const CANNOT_OPEN = says('unavailable', 'cannot-open', 'The database file is missing or cannot be opened');
const LOCKED = says('unavailable', 'locked', 'The database is locked by another program');

/** By extended result code, else by the primary code in its low byte. */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [3, CANNOT_OPEN],
  [5, LOCKED],
  [6, LOCKED],
  [8, READ_ONLY],
  [9, says('timeout', 'interrupted', 'The statement was stopped')],
  [10, says('unavailable', 'io-error', 'The database file cannot be read or written')],
  [11, says('corrupt', 'damaged-database', 'The database file is damaged')],
  [13, says('unavailable', 'disk-full', 'The database has no room left')],
  [14, CANNOT_OPEN],
  [18, UNFIT],
  [19, says('conflict', 'constraint', 'A constraint of the database forbids it')],
  [20, UNFIT],
  [23, CANNOT_OPEN],
  [26, says('corrupt', 'not-a-database', 'The file is no SQLite database')],
  [275, CHECK],
  [787, FOREIGN_KEY],
  [1299, NOT_NULL],
  [1555, DUPLICATE],
  [1811, RAISED],
  [2067, DUPLICATE],
  [2579, DUPLICATE],
  [3091, UNFIT],
]);

export function sqliteFault(error: unknown): Fault {
  const result = resultCode(error) ?? systemCode(error);
  if (result === undefined) return toFault(error);
  return meant(MEANINGS.get(result) ?? MEANINGS.get(result & 0xff) ?? OTHER, error);
}

/** Another connection holds a lock: the same may go through later. */
export function isBusy(error: unknown): boolean {
  const result = resultCode(error);
  return result !== undefined && (result & 0xff) === BUSY_CODE;
}

const BUSY_CODE = 5;

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
