// Records both ways between GnuCOBOL and the codec: what a program stores in random records is what the codec reads, and what the
// codec writes is what the program finds.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compile, layoutOf, parseCopybook, type ScalarNode } from '../../../src/codec/index.ts';
import type { Row } from '../../../src/model/value.ts';
import { type Random, random } from '../../random.ts';
import { skipUnless } from '../../skip.ts';
import { randomValues, shownOnly, type Valued } from '../random-values.ts';
import { nowhere } from '../records.ts';
import { hasCobc, runCobol } from './cobc.ts';
import {
  COBC,
  copybookText,
  isMiscounted,
  type RandomItem,
  RULES,
  type Rules,
  randomRecord,
} from './random-copybook.ts';

const RECORDS = 40;
/** Bytes of a record of the file between the two; the random records are shorter. */
const ROOM = 8_000;

describe('records of GnuCOBOL', { skip: skipUnless(hasCobc, 'there is no cobc here') }, () => {
  for (const rules of [RULES.ibm, RULES.gnucobol]) {
    it(`under the rules of ${rules.dialect}, values go both ways through ${RECORDS} random records`, async () => {
      const seeded = random(4_242 + rules.dialect.length);
      const cases = Array.from({ length: RECORDS }, (_, i) => draw(seeded, rules, `R${i}`));
      const file = new Uint8Array(RECORDS * ROOM).fill(0x20);
      for (const [i, { codec, row }] of cases.entries()) file.set(codec.encode(row), i * ROOM);
      let written = new Uint8Array(0);
      const complaints = await runCobol(
        program(cases),
        COBC[rules.dialect],
        (folder) => writeFile(join(folder, 'ours'), file),
        async (folder) => {
          written = new Uint8Array(await readFile(join(folder, 'theirs')));
        },
      );
      assert.deepEqual(complaints, []);
      assert.equal(written.length, file.length);
      for (const [i, { codec, row, text }] of cases.entries()) {
        const decode = codec.decoder(Object.keys(row));
        const read = decode(written, i * ROOM, (i + 1) * ROOM, nowhere);
        assert.deepEqual(shownOnly(read, row), row, text);
      }
    });
  }
});

describe('a known difference', { skip: skipUnless(hasCobc, 'there is no cobc here') }, () => {
  it('is P in packed numbers: IBM stores the digits of the picture, GnuCOBOL 3 others', async () => {
    const items = ' 05 A PIC 9(3)PP COMP-3. 05 B PIC 9(3)PP.';
    const [parsed] = parseCopybook(`01 R.${items}`, { format: 'free' }).records;
    assert.ok(parsed !== undefined);
    const codec = compile(layoutOf(parsed, { charset: 'ascii', dialect: 'gnucobol' }));
    let theirs = '';
    await runCobol(
      [
        'IDENTIFICATION DIVISION.',
        'PROGRAM-ID. P.',
        'ENVIRONMENT DIVISION.',
        'INPUT-OUTPUT SECTION.',
        'FILE-CONTROL.',
        'SELECT THEIRS ASSIGN TO "theirs" ORGANIZATION IS SEQUENTIAL.',
        'DATA DIVISION.',
        'FILE SECTION.',
        'FD THEIRS.',
        `01 R.${items}`,
        'PROCEDURE DIVISION.',
        'OPEN OUTPUT THEIRS',
        'MOVE 12300 TO A B',
        'WRITE R',
        'CLOSE THEIRS',
        'GOBACK.',
        '',
      ].join('\n'),
      COBC.gnucobol,
      undefined,
      async (folder) => {
        theirs = (await readFile(join(folder, 'theirs'))).toString('hex');
      },
    );
    // P takes no storage (Enterprise COBOL Language Reference, "PICTURE clause"): what is stored are the digits 1, 2, 3.
    assert.equal(codec.encode({ a: 12_300, b: 12_300 }).toHex(), '123f313233');
    assert.equal(theirs, '001f313233');
  });
});

interface Case {
  readonly record: RandomItem;
  readonly text: string;
  readonly codec: ReturnType<typeof compile>;
  readonly row: Row;
  readonly items: readonly {
    readonly item: string;
    readonly literal: string;
    readonly edited: boolean;
    readonly unread: boolean;
  }[];
}

function draw(seeded: Random, rules: Rules, name: string): Case {
  let record = randomRecord(seeded, rules, name);
  while (isMiscounted(record)) record = randomRecord(seeded, rules, name);
  const text = copybookText(record);
  const [parsed] = parseCopybook(text, { format: 'free' }).records;
  assert.ok(parsed !== undefined);
  const layout = layoutOf(parsed, {
    charset: 'ascii',
    dialect: rules.dialect,
    floats: 'ieee',
    byteOrder: 'little',
    pointerBytes: 8,
    slack: true,
  });
  const { row, valued } = randomValues(layout, seeded, isPlain);
  // Counters before all else: what stands behind them depends on them.
  const items = valued.toSorted((a, b) => Number(b.counts) - Number(a.counts)).map(itemOf);
  return { record, text, codec: compile(layout), row, items };
}

/** A field as the program names it, with the literal that it holds. */
function itemOf({ node, cell, subscripts }: Valued): Case['items'][number] {
  return {
    item: `${node.legacyName}${subscripts.length === 0 ? '' : `(${subscripts.join(', ')})`}`,
    literal: typeof cell === 'string' && node.type.kind === 'string' ? `"${cell}"` : String(cell),
    edited: ['edited', 'number-text'].includes(node.encoding.kind),
    unread: node.origin?.text.includes('DB') === true,
  };
}

/**
 * What both sides simply store: a program edits text that it moves, and national items are unfinished in GnuCOBOL 3, which stores packed
 * numbers with P otherwise than IBM (below).
 */
function isPlain({ encoding, origin }: ScalarNode): boolean {
  if (encoding.kind === 'packed' && (encoding.scale < 0 || encoding.scale > encoding.digits)) return false;
  if (encoding.kind === 'text') return encoding.charset === 'ascii' && !/[B0/]/.test(origin?.text ?? '');
  return encoding.kind !== 'bytes';
}

/** Compares every item of our records with its literal, then stores the literals in records of its own. */
function program(cases: readonly Case[]): string {
  return [
    'IDENTIFICATION DIVISION.',
    'PROGRAM-ID. P.',
    'ENVIRONMENT DIVISION.',
    'INPUT-OUTPUT SECTION.',
    'FILE-CONTROL.',
    'SELECT OURS ASSIGN TO "ours" ORGANIZATION IS SEQUENTIAL.',
    'SELECT THEIRS ASSIGN TO "theirs" ORGANIZATION IS SEQUENTIAL.',
    'DATA DIVISION.',
    'FILE SECTION.',
    'FD OURS.',
    `01 OUR-RECORD PIC X(${ROOM}).`,
    'FD THEIRS.',
    `01 THEIR-RECORD PIC X(${ROOM}).`,
    'WORKING-STORAGE SECTION.',
    '01 W-NUMBER PIC S9(18)V9(9).',
    'LINKAGE SECTION.',
    ...cases.map(({ text }) => text),
    'PROCEDURE DIVISION.',
    'OPEN INPUT OURS OUTPUT THEIRS',
    ...cases.flatMap(({ record, items }) => [
      'READ OURS',
      `SET ADDRESS OF ${record.name} TO ADDRESS OF OUR-RECORD`,
      ...items
        .filter(({ unread }) => !unread)
        .flatMap(({ item, literal, edited }) => [
          // Moving an edited number to a number takes the editing away, in GnuCOBOL 3 not the sign of DB.
          ...(edited ? [`MOVE ${item} TO W-NUMBER`] : []),
          `IF ${edited ? 'W-NUMBER' : item} NOT = ${literal} DISPLAY "${item} is " ${item} ", not " ${quotedTwice(literal)} END-IF`,
        ]),
      'MOVE SPACES TO THEIR-RECORD',
      `SET ADDRESS OF ${record.name} TO ADDRESS OF THEIR-RECORD`,
      ...items.map(({ item, literal }) => `MOVE ${literal} TO ${item}`),
      'WRITE THEIR-RECORD',
    ]),
    'CLOSE OURS THEIRS',
    'GOBACK.',
    '',
  ].join('\n');
}

function quotedTwice(literal: string): string {
  return literal.startsWith('"') ? literal : `"${literal}"`;
}
