// Knows: which fault each ORA number, and each NJS and DPI code of the driver, is. ORA: Oracle's "Database Error Messages"; NJS: the
// driver's lib/errors.js. Must not know: statements. Messages hold values and names and go to the log only, as the cause.

import { Fault, type SourceFault, toFault } from '#spi';
import {
  BAD_VALUE,
  CHECK,
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
const NO_RESOURCES = says('unavailable', 'no-resources', 'The database has no resources left');

const ORA: readonly (readonly [meaning: Meaning, ...numbers: readonly number[]])[] = [
  [DUPLICATE, 1],
  [NO_RESOURCES, 18, 20, 1536, 1652, 1653, 1654, 1688, 4030, 4031, 30036, 12516, 12519, 12520],
  [LOST, 22, 28, 31, 45, 600, 602, 603, 609, 1012, 1041, 1043, 1092, 2396, 2399],
  [LOST, 3113, 3114, 3122, 3135, 12153, 12537, 12547, 12570, 12571, 12583, 25401, 25402, 25408, 28511],
  [LOCK_TIMEOUT, 54, 4021, 30006],
  [DEADLOCK, 60, 4020],
  [STOPPED, 1013, 40],
  [LOGIN, 1005, 1017, 1045, 28000, 28001, 28009, 28040, 1988],
  [PERMISSION, 1031, 41900],
  [STOPPING, 1033, 1034, 1089, 1090, 27101, 12526, 12527, 12528],
  [NOT_NULL, 1400, 1407],
  [says('rejected', 'check-option', 'The view does not allow such a row'), 1402],
  [CHECK, 2290],
  [FOREIGN_KEY, 2291, 2292],
  [UNFIT, 1401, 1426, 1438, 1461, 12899],
  [BAD_VALUE, 1428, 1476, 1489, 1722, 6502, 22835, 1830, 1839, 1840, 1841, 1843, 1847, 1850, 1851, 1852],
  [BAD_VALUE, 1858, 1861, 1862, 1873, 1878, 1410, 40441],
  [READ_ONLY, 1456, 16000],
  [
    says(
      'unavailable',
      'snapshot-too-old',
      'The database no longer knows the rows as they were when the statement began',
    ),
    1555,
  ],
  [says('conflict', 'serialization', 'The change collides with another one at the same time'), 8177],
  [says('conflict', 'rolled-back', 'The database rolled the change back'), 2091, 24761, 24776],
  [
    says('unavailable', 'package-changed', 'The code in the database was changed meanwhile'),
    4061,
    4065,
    4068,
  ],
  [says('corrupt', 'damaged-database', 'The database is damaged'), 1578, 8103],
  [NO_DATABASE, 12504, 12505, 12514],
  [TLS, 28750, 28759, 28788, 28857, 28858, 28859, 28860, 28862, 28864, 28865, 28868, 29002, 29003, 29024],
];
const BY_NUMBER: ReadonlyMap<number, Meaning> = new Map(
  ORA.flatMap(([meaning, ...numbers]) => numbers.map((number) => [number, meaning] as const)),
);

const CODES: readonly (readonly [meaning: Meaning, ...codes: readonly string[]])[] = [
  [LOST, 'NJS-003', 'NJS-500', 'NJS-501', 'NJS-513', 'NJS-521', 'DPI-1010', 'DPI-1080'],
  [UNREACHABLE, 'NJS-503', 'NJS-504', 'NJS-510', 'NJS-511', 'NJS-522', 'NJS-530', 'NJS-536', 'NJS-509'],
  [TLS, 'NJS-505', 'NJS-506', 'NJS-507', 'NJS-508', 'NJS-531', 'NJS-532', 'NJS-533'],
  [NO_DATABASE, 'NJS-518', 'NJS-519'],
  [LOGIN, 'NJS-087', 'NJS-116', 'NJS-168'],
  [STOPPED, 'NJS-123', 'DPI-1067'],
];
const BY_CODE: ReadonlyMap<string, Meaning> = new Map(
  CODES.flatMap(([meaning, ...codes]) => codes.map((code) => [code, meaning] as const)),
);

interface Mistake {
  readonly message: string;
  readonly hint?: string;
}

const THICK = 'Set client: { libDir: … } to connect through the Oracle Client libraries.';
const MISTAKES: Readonly<Record<string, Mistake>> = {
  'NJS-045': { message: 'The Oracle Client libraries cannot be loaded', hint: 'Look at client.libDir.' },
  'DPI-1047': { message: 'The Oracle Client libraries cannot be loaded', hint: 'Look at client.libDir.' },
  'DPI-1072': { message: 'The Oracle Client libraries are too old', hint: 'Look at client.libDir.' },
  'NJS-067': { message: 'The driver has no thick mode on this kind of machine' },
  'NJS-118': {
    message:
      'A source without "client" was opened before this one: the mode holds for all Oracle sources of the process',
    hint: 'Give "client" to all of them, or to none.',
  },
  'NJS-138': {
    message: 'The server is older than 12.1, which the driver does not reach by itself',
    hint: THICK,
  },
  'NJS-100': { message: 'The national character set of the database is not AL16UTF16', hint: THICK },
  'NJS-192': { message: 'The driver does not know the character set of the database by itself', hint: THICK },
  'NJS-090': {
    message: 'Another Oracle source has other folders under "client": they hold for all of the process',
  },
  'NJS-101': { message: 'The login of the source is incomplete' },
  'NJS-125': { message: 'The connect string is empty' },
  'NJS-512': { message: 'The connect string has a part that it must not have' },
  'NJS-514': { message: 'The connect string is no connect descriptor' },
  'NJS-515': { message: 'The connect string is no Easy Connect text' },
  'NJS-516': { message: 'The connect string is a name, and configDir does not say where tnsnames.ora is' },
  'NJS-517': { message: 'tnsnames.ora does not have the name of the connect string' },
  'NJS-520': { message: 'There is no tnsnames.ora in configDir' },
  'NJS-529': { message: 'The driver does not read this kind of wallet by itself', hint: THICK },
  'ORA-12154': { message: 'The connect string is no name in tnsnames.ora' },
  'ORA-12162': { message: 'The connect string is no connect descriptor' },
};

/** All errors of the network layer. */
const TNS: readonly [number, number] = [12_150, 12_699];
/** What code in the database raises by RAISE_APPLICATION_ERROR. */
export const APPLICATION: readonly [number, number] = [20_000, 20_999];

export function oracleFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const number = oraNumber(error);
  const code = number === undefined ? codeOf(error) : oraCode(number);
  if (code === 'NJS-040' || code === 'NJS-076') return noConnection(error);
  const mistake = code !== undefined && Object.hasOwn(MISTAKES, code) ? MISTAKES[code] : undefined;
  if (mistake !== undefined) {
    const { message, hint } = mistake;
    const more = hint === undefined ? {} : { hint };
    return new Fault('invalid', message, {
      code: 'bad-connection',
      misconfigured: true,
      cause: error,
      ...more,
    });
  }
  const meaning = number === undefined ? ofDriver(code) : ofServer(number);
  return meaning === undefined ? toFault(error) : meant(meaning, error);
}

function oraCode(number: number): string {
  return `ORA-${String(number).padStart(5, '0')}`;
}

function ofServer(number: number): Meaning {
  const known = BY_NUMBER.get(number);
  if (known !== undefined) return known;
  if (number >= TNS[0] && number <= TNS[1]) return UNREACHABLE;
  return isApplication(number) ? RAISED : OTHER;
}

export function isApplication(number: number): boolean {
  return number >= APPLICATION[0] && number <= APPLICATION[1];
}

/** Undefined: a mistake of ours. */
function ofDriver(code: string | undefined): Meaning | undefined {
  if (code === undefined) return undefined;
  const known = BY_CODE.get(code);
  if (known !== undefined) return known;
  if (isTlsCode(code)) return TLS;
  return /^(?:NJS|DPI|ERR)[-_]/.test(code) ? undefined : UNREACHABLE;
}

/** The ORA number of an error of the server. */
export function oraNumber(error: unknown): number | undefined {
  return error instanceof Error &&
    'errorNum' in error &&
    typeof error.errorNum === 'number' &&
    error.errorNum > 0
    ? error.errorNum
    : undefined;
}

/** What RAISE_APPLICATION_ERROR raised. Its text stands between its code and what the server adds of its own. */
export function raisedBy(error: unknown): SourceFault | undefined {
  const number = oraNumber(error);
  if (number === undefined || !isApplication(number) || !(error instanceof Error)) return undefined;
  const code = oraCode(number);
  const [, said = ''] = error.message.split(`${code}: `);
  const [reason = ''] = said.split(/\n(?:ORA-\d{5}: |Help: )/);
  return { code, reason };
}

/** After this nobody knows what the server did last. */
export function isLost(error: unknown): boolean {
  const number = oraNumber(error);
  if (number !== undefined) return ofServer(number) === LOST || ofServer(number) === STOPPING;
  const code = codeOf(error);
  return code === undefined || BY_CODE.get(code) === LOST || !code.startsWith('NJS-');
}
