// Decoding and encoding are each other's inverse: on every published file, and on generated records of random copybooks.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ByteSource } from '../../src/codec/framing/block.ts';
import { framingOf, type RecordFormatOptions } from '../../src/codec/framing/framing-of.ts';
import { scanRecords } from '../../src/codec/framing/scan.ts';
import { compile, type LayoutOptions, layoutOf, parseCopybook } from '../../src/codec/index.ts';
import { Fault } from '../../src/fault.ts';
import { type Cell, isList, isRecord, type Row } from '../../src/model/value.ts';
import { random } from '../random.ts';
import { skipUnless } from '../skip.ts';
import { copybookText, RULES, randomRecord } from './gnucobol/random-copybook.ts';
import { randomValues, shownOnly } from './random-values.ts';
import { layoutFor, nowhere, topFields } from './records.ts';

const shared = join(import.meta.dirname, '../../../shared/conformance');
const thorough = process.env['CI'] === 'true';

interface Published {
  readonly copybook: string;
  readonly data: string;
  readonly options?: Partial<LayoutOptions>;
  readonly format?: RecordFormatOptions;
}

const test5: Partial<LayoutOptions> = {
  redefines: {
    'STATIC-DETAILS': {
      when: { 'STATIC-DETAILS': "segmentId startsWith 'C'", CONTACTS: "segmentId startsWith 'P'" },
    },
  },
};

const PUBLISHED: readonly Published[] = [
  ...[
    ['ACCTDATA', 'CVACT01Y'],
    ['CARDDATA', 'CVACT02Y'],
    ['CARDXREF', 'CVACT03Y'],
    ['CUSTDATA', 'CVCUS01Y'],
    ['DALYTRAN', 'CVTRA06Y'],
  ].map(([data, copybook]) => ({
    copybook: `carddemo/copybooks/${copybook}.cpy`,
    data: `carddemo/ebcdic/${data}.PS`,
  })),
  {
    copybook: 'cobrix/test1_copybook.cob',
    data: 'cobrix/test1_data/example.bin',
    options: { odo: 'maximum' },
  },
  { copybook: 'cobrix/test3_copybook.cob', data: 'cobrix/test3_data/TRAN2.AUG31.DATA.dat' },
  {
    copybook: 'cobrix/test5_copybook.cob',
    data: 'cobrix/test5_data/COMP.DETAILS.SEP30.DATA.dat',
    options: test5,
    format: { format: 'V', rdw: 'little' },
  },
  {
    copybook: 'cobrix/test5_copybook.cob',
    data: 'cobrix/test5b_data/COMP.DETAILS.FEB02.DATA.RDW.BE.dat',
    options: test5,
    format: { format: 'V', inclusive: false },
  },
  {
    copybook: 'cobrix/test6_copybook.cob',
    data: 'cobrix/test6_data/INTEGR.TYPES.NOV28.DATA.dat',
    options: { floats: 'ieee' },
  },
  { copybook: 'cobrix/test9_copybook.cob', data: 'cobrix/test9_data/TRAN.APR14.NPT.DATA.dat' },
  { copybook: 'cobrix/test19_display_num.cob', data: 'cobrix/test19_display_num/data.dat' },
];

describe('a published record', { skip: skipUnless(existsSync(shared), `${shared} is missing`) }, () => {
  for (const { copybook, data, options = {}, format } of PUBLISHED) {
    it(`of ${data} keeps every byte when its own values are put into it, and its values when it is made anew`, async () => {
      const layout = layoutFor(readFileSync(join(shared, copybook), 'utf8'), options);
      const codec = compile(layout);
      const decode = codec.decoder(topFields(layout));
      let count = 0;
      for await (const record of recordsOf(
        join(shared, data),
        framingOf(layout, format ?? { format: 'F' }),
      )) {
        const row = decodable(decode(record, 0, record.length, nowhere));
        assert.deepEqual(codec.encode(row, record), record);
        const fresh = codec.encode(row);
        // A text of the record that its trimming cuts, or a field that cannot be decoded, is no value to compare.
        assert.deepEqual(decodable(decode(fresh, 0, fresh.length, nowhere), row), row);
        count++;
      }
      assert.ok(count > 0);
    });
  }
});

async function* recordsOf(path: string, framing: ReturnType<typeof framingOf>): AsyncGenerator<Uint8Array> {
  const bytes = new Uint8Array(readFileSync(path));
  const source: ByteSource = {
    size: bytes.length,
    read: async (into, offset) => {
      const found = bytes.subarray(offset, offset + into.length);
      into.set(found);
      return found.length;
    },
  };
  for await (const block of scanRecords(source, framing, { signal: new AbortController().signal })) {
    for (let i = 0; i < block.length; i++) yield block.bytes.slice(block.start(i), block.end(i));
  }
}

/** The row without the fields that hold no value, conditions (which follow from others), and what `like` does not have. */
function decodable(row: Row, like?: Row): Row {
  return Object.fromEntries(
    Object.entries(row).filter(
      ([name, cell]) =>
        !hasFault(cell) && typeof cell !== 'boolean' && (like === undefined || Object.hasOwn(like, name)),
    ),
  );
}

function hasFault(cell: Cell): boolean {
  if (cell instanceof Fault) return true;
  if (isList(cell)) return cell.some(hasFault);
  return isRecord(cell) && Object.values(cell).some(hasFault);
}

describe('a generated record', () => {
  const LAYOUTS = thorough ? 400 : 80;
  const ROWS = thorough ? 250 : 50;
  for (const rules of Object.values(RULES)) {
    for (const charset of ['cp037', 'ascii']) {
      const layouts = Math.ceil(LAYOUTS / 6);
      it(`holds the row that it was made of: ${layouts * ROWS} of them by the rules of ${rules.dialect} in ${charset}`, () => {
        const seeded = random(611 + charset.length * 7 + rules.dialect.length);
        for (let i = 0; i < layouts; i++) {
          const text = copybookText(randomRecord(seeded, rules, 'R'));
          const [parsed] = parseCopybook(text, { format: 'free' }).records;
          assert.ok(parsed !== undefined);
          const layout = layoutOf(parsed, { charset, dialect: rules.dialect });
          const codec = compile(layout);
          const decode = codec.decoder(topFields(layout));
          for (let n = 0; n < ROWS; n++) {
            const { row } = randomValues(layout, seeded);
            const record = codec.encode(row);
            assert.ok(record.length >= layout.minLength && record.length <= layout.length);
            const read = decode(record, 0, record.length, nowhere);
            assert.deepEqual(shownOnly(read, row), row, text);
            assert.deepEqual(codec.encode(decodable(read), record), record, text);
          }
        }
      });
    }
  }
});
