// The codec against the published results of another decoder (Cobrix, Apache-2.0), where `../shared` has them.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ByteSource } from '../../src/codec/framing/block.ts';
import { framingOf } from '../../src/codec/framing/framing-of.ts';
import { scanRecords } from '../../src/codec/framing/scan.ts';
import { compile, type Layout, type LayoutOptions } from '../../src/codec/index.ts';
import { compareDecimal, parseDecimal } from '../../src/model/decimal.ts';
import type { Field, Type } from '../../src/model/type.ts';
import { type Cell, isList, isRecord, type Row, TAG } from '../../src/model/value.ts';
import { skipUnless } from '../skip.ts';
import { layoutFor } from './records.ts';

const folder = join(import.meta.dirname, '../../../shared/conformance/cobrix');
const skip = skipUnless(existsSync(folder), `${folder} is missing`);

type Json = null | string | number | readonly Json[] | { readonly [name: string]: Json };

interface Case {
  readonly copybook: string;
  readonly data: string;
  readonly expected: string;
  readonly options?: Partial<LayoutOptions>;
  /** Only these records were published. */
  readonly only?: (row: Row) => boolean;
  /** What Cobrix makes of a text that this codec keeps exactly. */
  readonly shown: (text: string) => string;
}

/** Cobrix trims as Java's `trim` does: blanks and every control character before them, on both sides. */
const javaTrim = (text: string): string => text.replace(/^[\0- ]+|[\0- ]+$/g, '');
/**
 * Its page "common" and its cp037 have blanks for control characters, which are characters like others in IBM's table, but U+0085;
 * and the line feed for x'0D', which is the carriage return.
 */
const withoutControls = (text: string): string =>
  text.replaceAll('\r', '\n').replace(/[^\P{Cc}\n\x85]/gu, ' ');
/** Its page "common" has blanks for the letters of national alphabets, too. */
const shownInCommon = (text: string): string =>
  javaTrim(withoutControls(text).replace(/[^\p{ASCII}]/gu, ' '));
/** Its "cp037 extended" has x'0D' and x'25' (CR and LF) the other way round, and blanks for U+0080 to U+009F but U+0085. */
const withoutHighControls = (text: string): string =>
  text.replace(/[\n\r]/g, (end) => (end === '\n' ? '\r' : '\n')).replace(/[\x80-\x84\x86-\x9f]/g, ' ');

/** Numbers of the expected files, kept as text: a JSON number would lose its digits. */
function readExpected(path: string): readonly Json[] {
  const lines = readFileSync(join(folder, path), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line): Json => {
    const kept = line.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:E-?\d+)?/g, (token) =>
      token.startsWith('"') ? token : `{"number":"${token}"}`,
    );
    return JSON.parse(kept);
  });
}

/** Names that Cobrix generates: left out of the comparison, as the README of the data says. */
const GENERATED = ['File_Id', 'Record_Id', 'Record_Byte_Length', 'Seg_Id0', 'Seg_Id1'];

function assertSame(
  expected: Json,
  cell: Cell | undefined,
  fields: readonly Field[],
  shown: Case['shown'],
  where: string,
): void {
  if (typeof expected === 'object' && expected !== null && 'number' in expected) {
    if (typeof cell === 'number' && !Number.isInteger(cell)) {
      assert.equal(cell, Number(expected.number), where);
      return;
    }
    const number = parseDecimal(String(expected.number));
    assert.ok(number !== undefined, `${where}: ${String(expected.number)}`);
    assert.equal(compareDecimal(String(cell), number), 0, `${where}: ${String(cell)} is not ${number}`);
  } else if (typeof expected === 'string') {
    assert.equal(shown(String(cell)), expected, where);
  } else if (Array.isArray(expected)) {
    assert.ok(cell !== undefined && isList(cell), where);
    assert.equal(cell.length, expected.length, where);
    for (const [i, element] of expected.entries())
      assertSame(element, cell[i], fields, shown, `${where}[${i}]`);
  } else {
    assert.ok(cell !== undefined && isRecord(cell), where);
    assertSameMembers(expected, cell, fields, shown, where);
  }
}

/** Null fields are left out of the expected files. */
function assertSameMembers(
  expected: Json,
  row: Row,
  fields: readonly Field[],
  shown: Case['shown'],
  where: string,
): void {
  assert.ok(typeof expected === 'object' && expected !== null && !Array.isArray(expected));
  const members = Object.entries(expected).filter(([name]) => !GENERATED.includes(name));
  const seen = members.map(([name, member]) => {
    const field = fields.find(({ legacyName }) => legacyName?.replaceAll('-', '_') === name);
    assert.ok(field !== undefined, `${where}: no field ${name}`);
    assertSame(member, row[field.name], membersOf(field.type), shown, `${where}.${name}`);
    return field.name;
  });
  for (const [name, cell] of Object.entries(row)) {
    if (!seen.includes(name)) assert.equal(cell, null, `${where}: ${name} is expected to be null`);
  }
}

/** Every field, alternates inside of groups too: Cobrix shows all readings. */
function allPaths(fields: readonly Field[], prefix = ''): readonly string[] {
  return fields.flatMap(({ name, type }) => [
    prefix + name,
    ...membersOf(type).flatMap((member) => allPaths([member], `${prefix}${name}.`)),
  ]);
}

function membersOf(type: Type): readonly Field[] {
  if (type.kind === 'list') return membersOf(type.of);
  return type.kind === 'object' ? type.fields : [];
}

function compare({ copybook, data, expected, options = {}, only, shown }: Case): void {
  const layout = layoutFor(readFileSync(join(folder, copybook), 'utf8'), options);
  const codec = compile(layout);
  const bytes = readFileSync(join(folder, data));
  const count = bytes.length / layout.length;
  assert.ok(Number.isInteger(count));
  const decode = codec.decoder(allPaths(layout.fields));
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const start = i * layout.length;
    const row = decode(bytes, start, start + layout.length, (at) => ({
      record: i + 1,
      byteOffset: start + at,
    }));
    if (only === undefined || only(row)) rows.push(row);
  }
  const wanted = readExpected(expected);
  assert.ok(rows.length >= wanted.length && wanted.length > 0);
  for (const [i, one] of wanted.entries()) {
    assertSameMembers(one, rows[i] ?? {}, layout.fields, shown, `row ${i + 1}`);
  }
}

/** Without the second reading of the taxpayer: a union's rows show first readings. */
function firstReadings(reading: Json | undefined): Json {
  return JSON.parse(
    JSON.stringify(reading ?? null, (name, value) => (name === 'TAXPAYER_NUM' ? undefined : value)),
  );
}

/** The fields of a variant. */
function fieldsOf({ fields }: Layout, tag: string): readonly Field[] {
  const unions = fields.flatMap(({ type }) => (type.kind === 'union' ? type.of : []));
  return unions.find((member) => member.tag === tag)?.fields ?? [];
}

/** Rows of a file of V, in the order of the file. */
async function rowsOf(layout: Layout, data: string, rdw: 'big' | 'little'): Promise<readonly Row[]> {
  const bytes = readFileSync(join(folder, data));
  const source: ByteSource = {
    size: bytes.length,
    read: async (into, offset) => {
      const found = bytes.subarray(offset, offset + into.length);
      into.set(found);
      return found.length;
    },
  };
  const decode = compile(layout).decoder(allPaths(layout.fields));
  const rows: Row[] = [];
  const framing = framingOf(layout, { format: 'V', rdw, inclusive: false });
  for await (const block of scanRecords(source, framing, { signal: new AbortController().signal })) {
    for (let i = 0; i < block.length; i++) {
      const locate = (at: number) => ({ record: block.record(i) + 1, byteOffset: block.offset(i, at) });
      rows.push(decode(block.bytes, block.start(i), block.end(i), locate));
    }
  }
  return rows;
}

describe('the published results of Cobrix', { skip }, () => {
  it('test1: a table with a counter, every reading by REDEFINES', () => {
    compare({
      copybook: 'test1_copybook.cob',
      data: 'test1_data/example.bin',
      expected: 'test1_expected/test1.txt',
      options: { odo: 'maximum' },
      shown: (text) => javaTrim(withoutControls(text)),
    });
  });

  it('test3: the records of one signature', () => {
    for (const [expected, shown] of [
      ['test3', (text: string) => javaTrim(withoutControls(text))],
      ['test3_trim_none', withoutControls],
    ] as const) {
      compare({
        copybook: 'test3_copybook.cob',
        data: 'test3_data/TRAN2.AUG31.DATA.dat',
        expected: `test3_expected/${expected}.txt`,
        options: { trim: 'none' },
        only: (row) => row['signature'] === 'S9276511',
        shown,
      });
    }
  });

  for (const [name, data, rdw] of [
    ['test5', 'test5_data/COMP.DETAILS.SEP30.DATA.dat', 'little'],
    ['test5b', 'test5b_data/COMP.DETAILS.FEB02.DATA.RDW.BE.dat', 'big'],
  ] as const) {
    it(`${name}: two record types of their own lengths behind ${rdw}-endian RDWs`, async () => {
      const copybook = readFileSync(join(folder, 'test5_copybook.cob'), 'utf8');
      // A number where Cobrix shows one; where the field holds text, both show nothing.
      const policies: Partial<LayoutOptions> = { fields: { 'TAXPAYER-NUM': { onBad: 'null' } } };
      const layout = layoutFor(copybook, {
        ...policies,
        redefines: {
          'STATIC-DETAILS': {
            name: 'details',
            when: { 'STATIC-DETAILS': "segmentId startsWith 'C'", CONTACTS: "segmentId startsWith 'P'" },
          },
        },
      });
      const rows = await rowsOf(layout, data, rdw);
      // A record of the greatest length has every reading at once.
      const plain = layoutFor(copybook, policies);
      const readings = await rowsOf(plain, data, rdw);
      const wanted = readExpected(`test5_expected/${name}.txt`);
      assert.ok(wanted.length > 0 && rows.length >= wanted.length);
      for (const [i, expected] of wanted.entries()) {
        assert.ok(typeof expected === 'object' && expected !== null && 'SEGMENT_ID' in expected);
        const row = rows[i] ?? {};
        assert.equal(shownInCommon(String(row['segmentId'])), expected.SEGMENT_ID);
        assert.equal(shownInCommon(String(row['companyId'])), expected['COMPANY_ID']);
        // Cobrix shows both readings of each record; one of them is the record's.
        const [tag, reading] =
          expected.SEGMENT_ID === 'C'
            ? (['StaticDetails', expected['STATIC_DETAILS']] as const)
            : (['Contacts', expected['CONTACTS']] as const);
        const { details = null } = row;
        assert.ok(isRecord(details) && details[TAG] === tag, `row ${i + 1} is ${tag}`);
        const { [TAG]: _tag, ...members } = details;
        if (tag === 'StaticDetails') {
          assertSameMembers(expected, readings[i] ?? {}, plain.fields, shownInCommon, `row ${i + 1}`);
        }
        assertSameMembers(
          firstReadings(reading),
          members,
          fieldsOf(layout, tag),
          shownInCommon,
          `row ${i + 1}`,
        );
      }
    });
  }

  it('test6: every numeric usage, 195 fields', () => {
    const layout = layoutFor(readFileSync(join(folder, 'test6_copybook.cob'), 'utf8'), { floats: 'ieee' });
    const published = readFileSync(join(folder, 'test6_expected/test6_layout.txt'), 'utf8');
    const places = [...published.matchAll(/^ +10 (\w+) +\d+ +(\d+) +\d+ +(\d+)/gm)].map(
      ([, name, start, length]) => `${name} ${Number(start) - 1} ${length}`,
    );
    assert.ok(places.length >= 195);
    assert.deepEqual(
      layout.nodes.map(
        ({ legacyName = '', offset, length }) => `${legacyName.replaceAll('-', '_')} ${offset} ${length}`,
      ),
      places,
    );
    compare({
      copybook: 'test6_copybook.cob',
      data: 'test6_data/INTEGR.TYPES.NOV28.DATA.dat',
      expected: 'test6_expected/test6.txt',
      options: { floats: 'ieee', onBad: 'null' },
      shown: javaTrim,
    });
  });

  it('test9: all bytes of the code page', () => {
    for (const [expected, shown] of [
      ['test9_cp037', (text: string) => javaTrim(withoutControls(text))],
      ['test9_cp037_ext', withoutHighControls],
    ] as const) {
      compare({
        copybook: 'test9_copybook.cob',
        data: 'test9_data/TRAN.APR14.NPT.DATA.dat',
        expected: `test9_expected/${expected}.txt`,
        options: { trim: 'none' },
        shown,
      });
    }
  });

  it('test19: numbers with a decimal point, and rows whose numbers are blank or letters', () => {
    compare({
      copybook: 'test19_display_num.cob',
      data: 'test19_display_num/data.dat',
      expected: 'test19_display_num_expected/test19.txt',
      options: {
        // Blanks and letters are no numbers: a fault by default. Cobrix makes nulls of them, and so does this policy.
        onBad: 'null',
        // Only of a blank number with an implied point does Cobrix make zero, which COBOL does not say.
        fields: { 'WS-AMOUNT-FRACTION': { blank: { default: '0.00' } } },
      },
      shown: javaTrim,
    });
  });
});
