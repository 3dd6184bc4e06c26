// Knows: the rows of the files benchmark, as records of a mainframe's file and as SQL that makes the same ones.
// Must not know: who reads them.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { compile, layoutOf, parseCopybook } from '../src/codec/index.ts';

export const COPYBOOK = `
       01  ACCOUNT.
           05  ACCT-ID   PIC 9(9).
           05  BRANCH    PIC X(4).
           05  STATUS    PIC X.
           05  BALANCE   PIC S9(9)V99 COMP-3.
           05  OPENED    PIC 9(8).
           05  HOLDER    PIC X(30).
           05  CITY      PIC X(20).
           05  MEMO      PIC X(22).
`;
export const RECORD_BYTES = 100;
export const BRANCHES = 997;

const HOLDERS = [
  'Anna Karlsson',
  'Jo Maple',
  'Karl Fitzgerald',
  'R. Meyer Ltd.',
  'Springfield Savings',
  'Ida North',
];
const CITIES = ['Springfield', 'Northampton', 'Karlstad', 'Old Sarum', 'Bad Homburg'];

/** Of row number `i`, whose key it is: what changes with each of them, and texts that come again after `TEXTS` rows. */
function numbersOf(i: number) {
  return {
    branch: (i * 7_919) % BRANCHES,
    status: 'AAAAAACCDS'.charAt(((i * 31) % 97) % 10),
    cents: ((i * 104_729) % 20_000_001) - 10_000_000,
    opened: 19_000_101 + (i % 1_000_000),
  };
}

function textsOf(i: number) {
  return {
    holder: HOLDERS[i % HOLDERS.length] ?? '',
    city: CITIES[i % CITIES.length] ?? '',
    memo: `Account number ${i % 1_000}`,
  };
}

const TEXTS = HOLDERS.length * CITIES.length * 100;

/** The same rows for whoever speaks SQL. */
export function rowsInSql(count: number): string {
  const list = (words: readonly string[]) => `[${words.map((word) => `'${word}'`).join(', ')}]`;
  return `select i::integer as acctId,
    lpad(((i * 7919) % ${BRANCHES})::varchar, 4, '0') as branch,
    substr('AAAAAACCDS', ((i * 31) % 97 % 10 + 1)::integer, 1) as status,
    ((((i * 104729) % 20000001) - 10000000)::decimal(18, 0) / 100)::decimal(11, 2) as balance,
    (19000101 + i % 1000000)::integer as opened,
    ${list(HOLDERS)}[(i % ${HOLDERS.length} + 1)::integer] as holder,
    ${list(CITIES)}[(i % ${CITIES.length} + 1)::integer] as city,
    'Account number ' || (i % 1000) as memo
  from range(${count}) t(i)`;
}

const PIECE = 10_000;

/** Writes `count` records in cp037, one behind the other. */
export async function writeAccounts(path: string, count: number): Promise<void> {
  const [record] = parseCopybook(COPYBOOK).records;
  if (record === undefined) throw new Error('no record');
  const { encode } = compile(layoutOf(record, { charset: 'cp037' }));
  // The encoder checks every value, which would take minutes for all of them: it makes the texts, and the numbers are put in here.
  const texts = Array.from({ length: Math.min(TEXTS, count) }, (_, i) => encode(textsOf(i)));
  const statuses = new Map([...'ACDS'].map((status) => [status, encode({ status })[STATUS] ?? 0]));
  const out = createWriteStream(path);
  for (let from = 0; from < count; from += PIECE) {
    const records = Math.min(PIECE, count - from);
    const piece = new Uint8Array(records * RECORD_BYTES);
    for (let i = 0; i < records; i++) {
      const at = i * RECORD_BYTES;
      const { branch, status, cents, opened } = numbersOf(from + i);
      piece.set(texts[(from + i) % TEXTS] ?? [], at);
      putZoned(piece, at, 9, from + i);
      putZoned(piece, at + 9, 4, branch);
      piece[at + STATUS] = statuses.get(status) ?? 0;
      putPacked(piece, at + 14, 6, cents);
      putZoned(piece, at + 20, 8, opened);
    }
    if (!out.write(piece)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

const STATUS = 13;

function putZoned(bytes: Uint8Array, at: number, length: number, value: number): void {
  for (let i = at + length - 1, rest = value; i >= at; i--, rest = Math.floor(rest / 10)) {
    bytes[i] = 0xf0 + (rest % 10);
  }
}

function putPacked(bytes: Uint8Array, at: number, length: number, value: number): void {
  let rest = Math.abs(value);
  bytes[at + length - 1] = ((rest % 10) << 4) | (value < 0 ? 0xd : 0xc);
  rest = Math.floor(rest / 10);
  for (let i = at + length - 2; i >= at; i--, rest = Math.floor(rest / 100)) {
    bytes[i] = (Math.floor((rest % 100) / 10) << 4) | (rest % 10);
  }
}
