// Knows: which fault each error number of the server, and each error of the driver and the network, is. The numbers:
// https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors
// Must not know: statements. Messages of the server hold values and names and go to the log only, as the cause.

import sql from 'mssql';
import { Fault, type SourceFault, toFault } from '#spi';
import {
  BAD_VALUE,
  codeOf,
  DEADLOCK,
  DUPLICATE,
  isTlsCode,
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
  STOPPED,
  says,
  TLS,
  UNREACHABLE,
} from '../sql/server-faults.ts';

const BUSY = says('unavailable', 'too-many-connections', 'The database takes no more work now');
const STOPPING = says('unavailable', 'shutting-down', 'The database is stopping');
/** One number for foreign keys and checks. */
const CONSTRAINT = says('conflict', 'constraint', 'A foreign key or a check of the database refuses it');
const CHANGED = says('conflict', 'snapshot', 'Another change came first');

const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [220, BAD_VALUE],
  [229, PERMISSION],
  [230, PERMISSION],
  [241, BAD_VALUE],
  [242, BAD_VALUE],
  [245, BAD_VALUE],
  [262, PERMISSION],
  [295, BAD_VALUE],
  [297, PERMISSION],
  [300, PERMISSION],
  [515, NOT_NULL],
  [547, CONSTRAINT],
  [701, BUSY],
  [911, NO_DATABASE],
  [916, PERMISSION],
  [1204, BUSY],
  [1205, DEADLOCK],
  [1222, says('timeout', 'lock-timeout', 'The rows are locked by another program')],
  [2601, DUPLICATE],
  [2627, DUPLICATE],
  [2628, BAD_VALUE],
  [3617, STOPPED],
  [3906, READ_ONLY],
  [3960, CHANGED],
  [3961, CHANGED],
  [4060, NO_DATABASE],
  [6005, STOPPING],
  [8114, BAD_VALUE],
  [8115, BAD_VALUE],
  [8152, BAD_VALUE],
  [8645, BUSY],
  [10928, BUSY],
  [10929, BUSY],
  [17142, STOPPING],
  [17809, BUSY],
  [18452, LOGIN],
  [18456, LOGIN],
  [18470, LOGIN],
  [18486, LOGIN],
  [18487, LOGIN],
  [18488, LOGIN],
  [40197, STOPPING],
  [40501, BUSY],
  [40613, STOPPING],
]);

/** THROW and RAISERROR of procedures and triggers. */
const OWN_NUMBERS = 50_000;

const OF_THE_DRIVER: Readonly<Record<string, Meaning>> = {
  ELOGIN: LOGIN,
  EFEDAUTH: LOGIN,
  EENCRYPT: TLS,
  ECANCEL: STOPPED,
  ECLOSE: LOST,
  ECONNCLOSED: LOST,
  ECONNRESET: LOST,
  EPIPE: LOST,
  EINVALIDSTATE: LOST,
  EINSTLOOKUP: UNREACHABLE,
  ETIMEOUT: UNREACHABLE,
};

export function mssqlFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // The pool's own, which has neither code nor name, and whose class the driver does not show.
  if (error instanceof Error && error.constructor.name === 'TimeoutError') return noConnection(error);
  const meaning = meaningOf(error);
  return meaning === undefined ? toFault(error) : meant(meaning, error);
}

function meaningOf(error: unknown): Meaning | undefined {
  const number = numberOf(error);
  if (number !== undefined) return number >= OWN_NUMBERS ? RAISED : (MEANINGS.get(number) ?? OTHER);
  const codes = [...causes(error)].flatMap((cause) => codeOf(cause) ?? []);
  if (codes.some(isTlsCode)) return TLS;
  const known = codes.map((code) => OF_THE_DRIVER[code]).find((meaning) => meaning !== undefined);
  // A connection that never was is not one that was lost.
  if (known === LOST && error instanceof sql.ConnectionError) return UNREACHABLE;
  if (known !== undefined) return known;
  if (!codes.includes('ESOCKET') && !(error instanceof sql.ConnectionError)) return undefined;
  return error instanceof sql.ConnectionError ? UNREACHABLE : LOST;
}

/** What THROW and RAISERROR of the database's own code say, by their number. */
export function raisedBy(error: unknown): SourceFault | undefined {
  const number = numberOf(error);
  if (number === undefined || number < OWN_NUMBERS || !(error instanceof Error)) return undefined;
  return { code: String(number), reason: error.message };
}

/** The number of an error that the server sent. */
export function numberOf(error: unknown): number | undefined {
  return error instanceof Error && 'number' in error && typeof error.number === 'number'
    ? error.number
    : undefined;
}

/** The error and what it came of: the driver wraps those of the network twice. */
function* causes(error: unknown): Iterable<unknown> {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    yield at;
    at = 'originalError' in at ? at.originalError : at.cause;
  }
}

/** After this nobody knows what the server did last. */
export function isLost(error: unknown): boolean {
  const meaning = meaningOf(error);
  return meaning === undefined || meaning === LOST || meaning === STOPPING;
}
