// The codec against the published results of another decoder (Cobrix, Apache-2.0), where `../shared` has them.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compile, fixedRecordCount, type LayoutOptions } from '../../src/codec/index.ts';
import { compareDecimal, parseDecimal } from '../../src/model/decimal.ts';
import type { Field, Type } from '../../src/model/type.ts';
import { type Cell, isList, isRecord, type Row } from '../../src/model/value.ts';
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
/** Its "cp037 extended" has x'0D' and x'25' (CR and LF) the other way round, and blanks for U+0080 to U+009F but U+0085. */
const withoutHighControls = (text: string): string =>
  text.replace(/[\n\r]/g, (end) => (end === '\n' ? '\r' : '\n')).replace(/[\x80-\x84\x86-\x9f]/g, ' ');

/** Numbers of the expected files, kept as text: a JSON number would lose its digits. */
function readExpected(path: string): readonly Json[] {
  const lines = readFileSync(join(folder, path), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line): Json => {
    const kept = line.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?/g, (token) =>
      token.startsWith('"') ? token : `{"number":"${token}"}`,
    );
    return JSON.parse(kept);
  });
}

/** Names that Cobrix generates: left out of the comparison, as the README of the data says. */
const GENERATED = ['File_Id', 'Record_Id', 'Record_Byte_Length'];

function assertSame(
  expected: Json,
  cell: Cell | undefined,
  fields: readonly Field[],
  shown: Case['shown'],
  where: string,
): void {
  if (typeof expected === 'object' && expected !== null && 'number' in expected) {
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
  const count = fixedRecordCount(bytes.length, layout.length);
  const decode = codec.decoder(allPaths(layout.fields));
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const start = i * layout.length;
    const row = decode(bytes, start, start + layout.length, () => ({ record: i + 1, byteOffset: start }));
    if (only === undefined || only(row)) rows.push(row);
  }
  const wanted = readExpected(expected);
  assert.ok(rows.length >= wanted.length && wanted.length > 0);
  for (const [i, one] of wanted.entries()) {
    assertSameMembers(one, rows[i] ?? {}, layout.fields, shown, `row ${i + 1}`);
  }
}

describe('the published results of Cobrix', { skip }, () => {
  it('test1: a table with a counter, every reading by REDEFINES', () => {
    compare({
      copybook: 'test1_copybook.cob',
      data: 'test1_data/example.bin',
      expected: 'test1_expected/test1.txt',
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
