// Damaged records and damaged copybooks: whatever is wrong is told as a Fault, nothing hangs, and nothing behind a record's end has
// a say in what is read.

import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compile, type Layout, layoutOf, parseCopybook } from '../../src/codec/index.ts';
import { Fault } from '../../src/fault.ts';
import { ByteSink } from '../../src/model/byte-sink.ts';
import type { Cell } from '../../src/model/value.ts';
import { type Random, random } from '../random.ts';
import { EVERYTHING, layoutFor, mutate, nowhere, randomRow, topFields } from './records.ts';

/** All of it where everything is checked; a part is enough between two changes. */
const thorough = process.env['CI'] === 'true';
const RECORDS = thorough ? 1_000_000 : 100_000;
const COPYBOOKS = thorough ? 50_000 : 5_000;
/** What hangs is ended by this. */
const timeout = 600_000;

/** Bytes before and behind a record in its buffer. */
const MARGIN = 64;

describe('damaged records', () => {
  const layouts: readonly (readonly [string, Layout])[] = [
    ['every encoding', layoutFor(EVERYTHING)],
    ['small and packed', layoutFor('01 R. 05 A PIC S9(5) COMP-3. 05 B PIC S9(4) COMP. 05 C PIC S9(3).')],
    [
      'tables that slide',
      layoutFor(
        `
       01 R.
          05 COUNTER PIC 9(2).
          05 T OCCURS 0 TO 3 DEPENDING ON COUNTER.
             10 M PIC 9.
             10 U PIC X(2) OCCURS 1 TO 3 DEPENDING ON COUNTER.
          05 Z PIC S9(5) COMP-3.`,
      ),
    ],
  ];
  const share = Math.ceil(RECORDS / layouts.length);
  for (const [name, layout] of layouts) {
    it(`${name}: ${share} of them give values or corrupt fields, by their own bytes alone`, {
      timeout,
    }, () => {
      const seeded = random(99);
      const codec = compile(layout);
      const decode = codec.decoder(topFields(layout, true));
      const write = codec.writer(topFields(layout));
      const sink = new ByteSink(4096);
      const originals = Array.from({ length: 50 }, () => codec.encode(randomRow(layout, seeded)));
      for (let i = 0; i < share; i++) {
        const damaged = damage(seeded.pick(originals), seeded);
        const shown = outcome(() => decode(...inMargins(damaged, seeded), nowhere));
        sink.length = 0;
        const text = outcome(() => {
          write(...inMargins(damaged, seeded), sink, nowhere);
          return sink.length;
        });
        // Other surroundings, the same answer. One in eight is enough to find who looks over the edge.
        if ((i & 7) === 0) {
          assert.equal(
            outcome(() => decode(...inMargins(damaged, seeded), nowhere)),
            shown,
          );
        }
        assert.notEqual(text, '');
      }
    });
  }
});

/** Bytes changed, cut off, or added. */
function damage(record: Uint8Array, seeded: Random): Uint8Array {
  const mutated = mutate(record, seeded, seeded.int(4));
  switch (seeded.int(8)) {
    case 0:
      return mutated.subarray(0, seeded.int(mutated.length + 1));
    case 1: {
      const longer = new Uint8Array(mutated.length + 1 + seeded.int(20));
      longer.set(mutated);
      return longer;
    }
    default:
      return mutated;
  }
}

function inMargins(record: Uint8Array, { int }: Random): [Uint8Array, number, number] {
  const bytes = new Uint8Array(record.length + 2 * MARGIN).fill(int(256));
  bytes.set(record, MARGIN);
  return [bytes, MARGIN, MARGIN + record.length];
}

/** What came of it as text: values, or the faults in their places. Anything else that is thrown is a failure. */
function outcome(work: () => Cell): string {
  try {
    return JSON.stringify(work(), (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : shownCell(value),
    );
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'corrupt') throw error;
    return `thrown ${error.code} ${error.place.field} ${error.place.byteOffset}`;
  }
}

function shownCell(value: unknown): unknown {
  if (!(value instanceof Fault)) return value;
  assert.equal(value.kind, 'corrupt');
  return `${value.code} ${value.place.field} ${value.place.byteOffset} ${value.place.hex}`;
}

describe('damaged copybooks', () => {
  it(`${COPYBOOKS} of them are read, or refused by a fault`, { timeout }, () => {
    const seeded = random(1_234);
    const texts = corpus();
    let read = 0;
    for (let i = 0; i < COPYBOOKS; i++) {
      const text = damageText(seeded.pick(texts), seeded);
      try {
        const { records } = parseCopybook(text);
        for (const record of records.slice(0, 3)) layoutOf(record, { charset: 'cp037' });
        read++;
      } catch (error) {
        if (!(error instanceof Fault) || error.kind !== 'invalid')
          throw new Error(`This text:\n${text}`, { cause: error });
      }
    }
    assert.ok(read > 0 && read < COPYBOOKS, `${read} were read`);
  });
});

const PROGRAM = `       IDENTIFICATION DIVISION.
       PROGRAM-ID. P.
       ENVIRONMENT DIVISION.
       CONFIGURATION SECTION.
       SPECIAL-NAMES. DECIMAL-POINT IS COMMA.
       DATA DIVISION.
       FILE SECTION.
       FD F RECORDING MODE IS V.
       01 R.
          05 A PIC S9(5)V99 COMP-3 VALUE -1,5.
          05 B OCCURS 1 TO 5 TIMES DEPENDING ON A INDEXED BY I.
             10 C PIC ZZ.ZZ9,99- .
             10 D REDEFINES C PIC X(5) JUST RIGHT.
             88 E VALUES 'a' THRU "z", X'C1C2' ALL '*'.
          66 G RENAMES A THRU B.
       WORKING-STORAGE SECTION.
       77 W PIC N(4) USAGE NATIONAL SYNC.
           REPLACE ==:T:== BY ==X==.
       01 :T:-REC. COPY MISSING REPLACING LEADING ==A== BY ==B==.
       PROCEDURE DIVISION.
           STOP RUN.
`;

function corpus(): readonly string[] {
  const shared = join(import.meta.dirname, '../../../shared/conformance');
  const published = existsSync(shared)
    ? globSync('**/*.{cob,cpy}', { cwd: shared }).map((path) => join(shared, path))
    : [];
  const texts = [...published, join(import.meta.dirname, '../../schemas/custmast.cpy')].map((path) =>
    readFileSync(path, 'utf8'),
  );
  return [...texts.map((text) => text.slice(0, 4_000)), EVERYTHING, PROGRAM, PROGRAM];
}

const PIECES = [
  '.',
  ',',
  ';',
  '(',
  ')',
  "'",
  '"',
  '==',
  ':',
  '-',
  '*',
  '\n',
  '\t',
  '      -',
  ' 01 ',
  ' 88 X VALUE ',
  ' PIC ',
  'S9(',
  'V',
  'P',
  'Z',
  '$',
  ' OCCURS ',
  ' TO ',
  ' DEPENDING ON ',
  ' REDEFINES ',
  ' COMP-3',
  ' COMP-1',
  ' SYNC',
  ' SIGN LEADING',
  ' COPY X.',
  ' REPLACE ',
  ' 66 Y RENAMES ',
  '99999999999999999999',
  '0',
  '\u0000',
  'ä',
  '\u{1f600}',
  ' EXEC SQL ',
  '>>',
  '*>',
  ' THRU ',
  " X'G'",
  ' ALL ',
  ' FILLER',
];

/** Pieces put in, cut out, doubled or moved. */
function damageText(text: string, { int, pick }: Random): string {
  let damaged = text;
  for (let n = 1 + int(4); n > 0; n--) {
    const at = int(damaged.length + 1);
    const to = Math.min(damaged.length, at + int(40));
    const [before, piece, behind] = [damaged.slice(0, at), damaged.slice(at, to), damaged.slice(to)];
    damaged = pick([
      () => before + pick(PIECES) + piece + behind,
      () => before + behind,
      () => before + piece + piece + behind,
      () => before + behind.slice(0, 30) + piece + behind.slice(30),
      () => before + pick(PIECES) + behind,
    ])();
  }
  return damaged;
}
