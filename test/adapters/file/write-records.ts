// The tables of the suite of writes as records: the copybooks that describe them, and what they can hold of what a database holds.

import type { Value } from '#spi';
import { TABLES, type WriteTable } from '../../conformance/write-tables.ts';

/** A record has no booleans that are written, and no bytes of any number. */
const FOREIGN = ['flag', 'raw'];

export const RECORD_TABLES: readonly WriteTable[] = TABLES.filter(({ name }) =>
  ['things', 'parts', 'tags'].includes(name),
).map((table) => ({ ...table, columns: table.columns.filter(({ name }) => !FOREIGN.includes(name)) }));

/** Pictures count digits, and a moment has thousandths. */
export const RECORD_VALUES: Readonly<Record<string, readonly Value[]>> = {
  big: [0n, -1n, 9_007_199_254_740_993n, 999_999_999_999_999_999n, -999_999_999_999_999_999n],
  ratio: [0, -1.5, 0.1, 123_456.789, 1e98],
  qty: [0, -7, 999_999_999],
  seen: ['2024-02-29T10:00:00', '1999-12-31T23:59:59.5', '2024-01-01T00:00:00.001'],
};

export interface WriteCopybook {
  /** The letter that tells its records from those of the other tables in the file. */
  readonly type: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, object>>;
}

const NULLABLE = { blank: 'null' };

/** All in one file, so that one request can change them together. `pad`: bytes of each record. */
export function writeCopybooks({
  binary,
  pad,
}: {
  readonly binary: boolean;
  readonly pad?: number;
}): Readonly<Record<string, WriteCopybook>> {
  const int = binary ? 'S9(9) COMP' : 'S9(9)';
  const whole = binary ? { trunc: 'bin' } : {};
  const filler = (taken: number) =>
    pad === undefined ? '' : `           05  FILLER    PIC X(${pad - taken}).\n`;
  const intBytes = binary ? 4 : 9;
  const amountBytes = binary ? 5 : 9;
  const amount = binary ? 'S9(7)V99 COMP-3' : 'S9(7)V99';
  return {
    things: {
      type: 'T',
      text: `       01  THING.
           05  REC-TYPE  PIC X.
           05  ID        PIC ${int}.
           05  LABEL     PIC X(12).
           05  FILLER    PIC X(2) VALUE '><'.
           05  AMOUNT    PIC ${amount}.
           05  BIG       PIC S9(18).
           05  RATIO     PIC +9.9(15)E+99.
           05  BORN      PIC 9(8).
           05  SEEN      PIC 9(17).
${filler(1 + intBytes + 12 + 2 + amountBytes + 18 + 22 + 8 + 17)}`,
      fields: {
        ID: whole,
        LABEL: NULLABLE,
        AMOUNT: NULLABLE,
        BIG: NULLABLE,
        RATIO: NULLABLE,
        BORN: { ...NULLABLE, date: 'yyyyMMdd' },
        SEEN: { ...NULLABLE, date: 'yyyyMMddHHmmssSSS' },
      },
    },
    parts: {
      type: 'P',
      text: `       01  PART.
           05  REC-TYPE  PIC X.
               88 IS-PART VALUE 'P'.
           05  CODE      PIC X(8).
           05  SEQ       PIC ${int}.
           05  QTY       PIC ${int}.
           05  REMARK    PIC X(20).
${filler(1 + 8 + 2 * intBytes + 20)}`,
      fields: { SEQ: whole, QTY: whole, REMARK: NULLABLE },
    },
    tags: {
      type: 'G',
      text: `       01  TAG.
           05  REC-TYPE  PIC X.
           05  TAG       PIC X(20).
${filler(21)}`,
      fields: {},
    },
  };
}
