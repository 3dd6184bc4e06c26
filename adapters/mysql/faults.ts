// Knows: which fault each error number of the server, and each error of the network, is. The numbers:
// https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's own reference.
// Must not know: statements. Messages of the server hold values and names and go to the log only, as the cause.

import { Fault, type SourceFault, toFault } from '#spi';
import {
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
  OTHER,
  PERMISSION,
  RAISED,
  READ_ONLY,
  SERIALIZATION,
  STOPPED,
  says,
  TLS,
  TLS_WANTED,
  UNFIT,
  UNREACHABLE,
} from '../sql/server-faults.ts';

const BUSY = says('unavailable', 'too-many-connections', 'The database takes no more connections');
const STOPPING = says('unavailable', 'shutting-down', 'The database is stopping');

/** The numbers of SIGNAL where it says none of its own. */
const SIGNALLED_NOT_FOUND = 1643;
const SIGNALLED = 1644;

const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [1040, BUSY],
  [1203, BUSY],
  [1226, BUSY],
  [1044, LOGIN],
  [1045, LOGIN],
  [1698, LOGIN],
  [1049, NO_DATABASE],
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
  [1205, LOCK_TIMEOUT],
  [1213, DEADLOCK],
  [1264, UNFIT],
  [1265, UNFIT],
  [1292, UNFIT],
  [1366, UNFIT],
  [1406, UNFIT],
  [3988, UNFIT],
  [1317, STOPPED],
  [1969, STOPPED],
  [3024, STOPPED],
  [3140, UNFIT],
  [3159, TLS_WANTED],
  [1020, SERIALIZATION],
  [1369, CHECK_OPTION],
  [1216, FOREIGN_KEY],
  [1217, FOREIGN_KEY],
  [1451, FOREIGN_KEY],
  [1452, FOREIGN_KEY],
  [1290, READ_ONLY],
  [1792, READ_ONLY],
  [1836, READ_ONLY],
  [3819, CHECK],
  [4025, CHECK],
  [SIGNALLED_NOT_FOUND, RAISED],
  [SIGNALLED, RAISED],
]);

const NETWORK_CODE = /^(?:PROTOCOL_|E[A-Z0-9]+$)/;

export function mysqlFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const meaning = meaningOf(error);
  return meaning === undefined ? toFault(error) : meant(meaning, error);
}

function meaningOf(error: unknown): Meaning | undefined {
  const code = codeOf(error);
  const number = numberOf(error);
  if (number !== undefined) return MEANINGS.get(number) ?? OTHER;
  if (code === undefined) return undefined;
  if (isTlsCode(code)) return TLS;
  if (code === 'PROTOCOL_CONNECTION_LOST' || code === 'ECONNRESET' || code === 'EPIPE') return LOST;
  return NETWORK_CODE.test(code) ? UNREACHABLE : undefined;
}

/** Numbers of the server and of its client library; the system's own are negative. */
export function numberOf(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number' && error.errno > 0
    ? error.errno
    : undefined;
}

/** Class 45 is for what programs raise on purpose, whatever number they give it. */
export function raisedBy(error: unknown): SourceFault | undefined {
  const number = numberOf(error);
  if (number === undefined || !(error instanceof Error) || !('sqlState' in error)) return undefined;
  const own = number !== SIGNALLED && number !== SIGNALLED_NOT_FOUND;
  const code = String(error.sqlState);
  if (own && !code.startsWith('45')) return undefined;
  const reason = 'sqlMessage' in error ? String(error.sqlMessage) : error.message;
  return { code, ...(own ? { subcode: String(number) } : {}), reason };
}

/** After this nobody knows what the server did last. */
export function isLost(error: unknown): boolean {
  const number = numberOf(error);
  return number === undefined || MEANINGS.get(number) === LOST || MEANINGS.get(number) === STOPPING;
}
