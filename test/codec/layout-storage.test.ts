// Sizes, encodings and places of items: IBM's rules are the truth, what other compilers do differently is told by dialect.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { layoutReport } from '../../src/codec/cobol-layout/layout-report.ts';
import {
  type Encoding,
  type LayoutOptions,
  layoutOf,
  openCharset,
  parseCopybook,
} from '../../src/codec/index.ts';
import { Fault } from '../../src/fault.ts';
import { typeText } from '../../src/model/type.ts';
import { skipUnless } from '../skip.ts';
import { copybook, layoutFor } from './records.ts';

/** The one field of a record with this clause. */
function field(clause: string, options: Partial<LayoutOptions> = {}) {
  const { nodes, length } = layoutFor(copybook('01 R.', `   05 F ${clause}.`), options);
  const [node] = nodes;
  assert.ok(node?.kind === 'scalar');
  return { ...node, recordLength: length };
}

/** Paths with offset and length of all lines of the report. */
function places(text: string, options: Partial<LayoutOptions> = {}): readonly string[] {
  return layoutReport(layoutFor(text, options)).map(
    ({ path, kind, offset, length }) =>
      `${kind === 'slack' || kind === 'filler' ? kind : path} ${offset}+${length}`,
  );
}

const misconfigured =
  (pattern: RegExp) =>
  (fault: unknown): boolean => {
    assert.ok(fault instanceof Fault, String(fault));
    assert.match(fault.message, pattern);
    return fault.misconfigured;
  };

describe('the size of an item', () => {
  const cases: readonly (readonly [string, string, number, string])[] = [
    ['ibm', 'PIC S9(3)', 3, 'int32'],
    ['ibm', 'PIC S9(3) SIGN LEADING', 3, 'int32'],
    ['ibm', 'PIC S9(3) SIGN TRAILING SEPARATE', 4, 'int32'],
    ['ibm', 'PIC S9(3)V99 SIGN LEADING SEPARATE', 6, 'decimal(5,2)'],
    ['ibm', 'PIC 9(31)', 31, 'decimal(31,0)'],
    ['ibm', 'PIC 9(38)', 38, 'decimal(38,0)'],
    ['ibm', 'PIC 99PPP', 2, 'int32'],
    ['ibm', 'PIC 9(9)PPP', 9, 'int64'],
    ['ibm', 'PIC VPPP99', 2, 'decimal(5,5)'],
    ['ibm', 'PIC S9(31) COMP-3', 16, 'decimal(31,0)'],
    ['ibm', 'PIC 9 COMP', 2, 'int32'],
    ['ibm', 'PIC 9(4) COMP', 2, 'int32'],
    ['ibm', 'PIC 9(5) COMP', 4, 'int32'],
    ['ibm', 'PIC 9(9) COMP', 4, 'int32'],
    ['ibm', 'PIC 9(10) COMP', 8, 'int64'],
    ['ibm', 'PIC 9(18) COMP', 8, 'int64'],
    ['ibm', 'PIC 9(4) COMP-5', 2, 'int32'],
    ['ibm', 'PIC 9(9) COMP-5', 4, 'int64'],
    ['ibm', 'PIC 9(18) COMP-5', 8, 'decimal(20,0)'],
    ['ibm', 'PIC 9(5) COMP-9', 4, 'int32'],
    ['ibm', 'COMP-1', 4, 'float64'],
    ['ibm', 'COMP-2', 8, 'float64'],
    ['ibm', 'USAGE INDEX', 4, 'bytes'],
    ['ibm', 'USAGE POINTER', 4, 'bytes'],
    ['ibm', 'USAGE FUNCTION-POINTER', 4, 'bytes'],
    ['ibm', 'USAGE PROCEDURE-POINTER', 8, 'bytes'],
    ['ibm', 'PIC N(5)', 10, 'string(5)'],
    ['ibm', 'PIC 9(5) USAGE NATIONAL', 10, 'int32'],
    ['ibm', 'PIC S9(5) USAGE NATIONAL SIGN LEADING SEPARATE', 12, 'int32'],
    ['ibm', 'PIC U(10)', 40, 'string(40)'],
    ['ibm', 'PIC ZZ,ZZ9.99', 9, 'decimal(7,2)'],
    ['ibm', 'PIC $$$,$$9.99CR', 12, 'decimal(7,2)'],
    ['ibm', 'PIC ZZ9', 3, 'int32'],
    ['ibm', 'PIC XX/XX', 5, 'string(5)'],
    ['ibm', 'PIC +9(3).99E+99', 11, 'float64'],
    ['ibm', 'PIC 9(5) BLANK WHEN ZERO', 5, 'int32'],
    ['gnucobol', 'PIC 99 COMP', 1, 'int32'],
    ['gnucobol', 'PIC S99 COMP', 1, 'int32'],
    ['gnucobol', 'PIC 999 COMP', 2, 'int32'],
    ['gnucobol', 'PIC 9(10) COMP-5', 8, 'decimal(20,0)'],
    ['gnucobol', 'PIC 9(5) COMP-X', 3, 'int32'],
    ['gnucobol', 'PIC 9(10) COMP-X', 5, 'int64'],
    ['gnucobol', 'PIC X(3) COMP-X', 3, 'int32'],
    ['gnucobol', 'PIC 9(5) COMP-6', 3, 'int32'],
    ['gnucobol', 'USAGE POINTER', 8, 'bytes'],
    ['gnucobol', 'BINARY-CHAR', 1, 'int32'],
    ['gnucobol', 'BINARY-SHORT UNSIGNED', 2, 'int32'],
    ['gnucobol', 'BINARY-LONG UNSIGNED', 4, 'int64'],
    ['gnucobol', 'BINARY-DOUBLE', 8, 'int64'],
    ['gnucobol', 'BINARY-DOUBLE UNSIGNED', 8, 'decimal(20,0)'],
    ['mf', 'PIC 9(2) COMP', 1, 'int32'],
    ['mf', 'PIC 9(7) COMP', 3, 'int32'],
    ['mf', 'PIC S9(7) COMP', 4, 'int32'],
    ['mf', 'PIC 9(12) COMP', 5, 'int64'],
    ['mf', 'PIC S9(12) COMP', 6, 'int64'],
    ['mf', 'PIC S9(16) COMP-5', 7, 'int64'],
  ];
  for (const [dialect, clause, length, type] of cases) {
    it(`${dialect}: ${clause} takes ${length} bytes and is ${type}`, () => {
      assert.ok(dialect === 'ibm' || dialect === 'gnucobol' || dialect === 'mf');
      const node = field(clause, { dialect });
      assert.deepEqual([node.recordLength, node.length, typeText(node.type)], [length, length, type]);
    });
  }
});

describe('the encoding of an item', () => {
  const encoding = (clause: string, options: Partial<LayoutOptions> = {}): Encoding =>
    field(clause, options).encoding;

  it('has the sign where the SIGN clause puts it', () => {
    const sign = (clause: string) => {
      const found = encoding(clause);
      return found.kind === 'zoned' ? found.sign : found.kind;
    };
    assert.equal(sign('PIC S9(3)'), 'trailing');
    assert.equal(sign('PIC S9(3) SIGN IS LEADING'), 'leading');
    assert.equal(sign('PIC S9(3) SIGN LEADING SEPARATE CHARACTER'), 'leading-separate');
    assert.equal(sign('PIC S9(3) SIGN TRAILING SEPARATE'), 'trailing-separate');
  });

  it('is big-endian in COMP everywhere, and as the machine has it in COMP-5', () => {
    const order = (clause: string, options: Partial<LayoutOptions>) => {
      const found = encoding(clause, options);
      return found.kind === 'binary' ? `${found.order} ${found.trunc}` : found.kind;
    };
    assert.equal(order('PIC 9(4) COMP', { dialect: 'gnucobol' }), 'big std');
    assert.equal(order('PIC 9(4) COMP-5', { dialect: 'gnucobol' }), 'little bin');
    assert.equal(order('PIC 9(4) COMP-5', { dialect: 'ibm' }), 'big bin');
    assert.equal(order('PIC 9(4) COMP-5', { dialect: 'mf', byteOrder: 'big' }), 'big bin');
    assert.equal(order('PIC 9(4) COMP-X', { dialect: 'mf' }), 'big bin');
    assert.equal(order('PIC 9(4) COMP-9', {}), 'little std');
    assert.equal(order('BINARY-LONG', { dialect: 'gnucobol' }), 'little bin');
  });

  it('of a float is that of the dialect, unless told otherwise', () => {
    assert.deepEqual(encoding('COMP-2'), { kind: 'float', format: 'ibm', bytes: 8, order: 'big' });
    assert.deepEqual(encoding('COMP-1', { dialect: 'gnucobol' }), {
      kind: 'float',
      format: 'ieee',
      bytes: 4,
      order: 'little',
    });
    assert.deepEqual(encoding('COMP-1', { floats: 'ieee' }), {
      kind: 'float',
      format: 'ieee',
      bytes: 4,
      order: 'big',
    });
  });

  it('of national text is UTF-16, of UTF-8 text UTF-8, and of double bytes those of the charset', () => {
    const charset = (clause: string, options: Partial<LayoutOptions> = {}) => {
      const found = encoding(clause, options);
      return 'charset' in found ? found.charset : found.kind;
    };
    assert.equal(charset('PIC N(3)'), 'utf-16be');
    assert.equal(charset('PIC U(3)'), 'utf-8');
    assert.equal(charset('PIC G(3) DISPLAY-1', { charset: 'cp939' }), openCharset('cp939').dbcs);
    assert.throws(() => charset('PIC G(3) DISPLAY-1'), misconfigured(/Line 2.*G\(3\).*cp037 has none/));
    assert.equal(charset('PIC N(3)', { fields: { F: { charset: 'utf-16le' } } }), 'utf-16le');
  });

  it('of a signed national number needs its sign beside it', () => {
    assert.throws(() => encoding('PIC S9(3) NATIONAL'), misconfigured(/SIGN (… )?SEPARATE/));
  });

  it('of JUSTIFIED text has its blanks on the left', () => {
    assert.deepEqual(encoding('PIC X(5) JUSTIFIED RIGHT'), {
      kind: 'text',
      charset: 'cp037',
      trim: 'left',
      justify: 'right',
    });
  });

  it('counts what a policy says of zones', () => {
    const found = encoding('PIC S9(3)', { zones: 'ignore' });
    assert.ok(found.kind === 'zoned' && found.zones === 'ignore');
  });

  it('of P has digits and a scale beyond them', () => {
    const scale = (clause: string) => {
      const found = encoding(clause);
      return 'scale' in found ? [found.digits, found.scale] : [];
    };
    assert.deepEqual(scale('PIC S99PPP COMP-3'), [2, -3]);
    assert.deepEqual(scale('PIC VPPP99'), [2, 5]);
  });
});

describe('SYNCHRONIZED', () => {
  // Enterprise COBOL Language Reference, "Slack bytes within records" and "Slack bytes between records".
  it('puts slack bytes behind the elementary item before, and into its group', () => {
    assert.deepEqual(
      places(
        copybook(
          '01 FIELD-A.',
          '   05 FIELD-B PIC X(5).',
          '   05 FIELD-C.',
          '      10 FIELD-D PIC XX.',
          '      10 FIELD-E PIC S9(6) COMP SYNC.',
        ),
      ),
      ['fieldB 0+5', 'fieldC 5+7', 'fieldC.fieldD 5+2', 'slack 7+1', 'fieldC.fieldE 8+4'],
    );
  });

  it('puts them before a group that begins with the synchronized item', () => {
    const text = copybook(
      '01 FIELD-L.',
      '   05 FIELD-M PIC X(5).',
      '   05 FIELD-N PIC XX.',
      '   05 FIELD-O.',
      '      10 FIELD-P PIC S9(6) COMP SYNC.',
    );
    const tail = ['fieldO.fieldP 8+4'];
    assert.deepEqual(places(text), ['fieldM 0+5', 'fieldN 5+2', 'slack 7+1', 'fieldO 8+4', ...tail]);
    // cobc 3.1 shows the group with five bytes.
    const gnucobol = places(text, { dialect: 'gnucobol' });
    assert.deepEqual(gnucobol, ['fieldM 0+5', 'fieldN 5+2', 'fieldO 7+5', 'slack 7+1', ...tail]);
  });

  it('puts them behind every element of a table too', () => {
    const text = copybook(
      '01 WORK-RECORD.',
      '   05 WORK-CODE PIC X.',
      '   05 COMP-TABLE OCCURS 10 TIMES.',
      '      10 COMP-TYPE PIC X.',
      '      10 COMP-PAY PIC S9(4)V99 COMP SYNC.',
      '      10 COMP-HOURS PIC S9(3) COMP SYNC.',
      '      10 COMP-NAME PIC X(5).',
    );
    assert.deepEqual(places(text), [
      'workCode 0+1',
      'compTable 1+16',
      'compTable.compType 1+1',
      'slack 2+2',
      'compTable.compPay 4+4',
      'compTable.compHours 8+2',
      'compTable.compName 10+5',
      'slack 15+2',
    ]);
    assert.equal(layoutFor(text).length, 161);
    assert.equal(layoutFor(text, { dialect: 'gnucobol' }).length, 161);
    assert.equal(layoutFor(text, { dialect: 'mf' }).length, 121 - 10);
  });

  it('follows the example of blocked records', () => {
    assert.deepEqual(
      places(
        copybook(
          '01 COMP-RECORD.',
          '   05 A-1 PIC X(5).',
          '   05 A-2 PIC X(3).',
          '   05 A-3 PIC X(3).',
          '   05 B-1 PIC S9999 USAGE COMP SYNCHRONIZED.',
          '   05 B-2 PIC S99999 USAGE COMP SYNCHRONIZED.',
          '   05 B-3 PIC S9999 USAGE COMP SYNCHRONIZED.',
        ),
      ),
      ['a1 0+5', 'a2 5+3', 'a3 8+3', 'slack 11+1', 'b1 12+2', 'slack 14+2', 'b2 16+4', 'b3 20+2'],
    );
  });

  it('wants four bytes for long binaries at IBM, eight for COMP-2 and at GnuCOBOL', () => {
    const at = (clause: string, options: Partial<LayoutOptions> = {}) =>
      layoutFor(copybook('01 R.', '   05 A PIC X(9).', `   05 B ${clause} SYNC.`), options).length;
    assert.equal(at('PIC S9(15) COMP'), 12 + 8);
    assert.equal(at('COMP-2'), 16 + 8);
    assert.equal(at('COMP-1'), 12 + 4);
    assert.equal(at('PIC S9(15) COMP-3'), 9 + 8);
    assert.equal(at('PIC S9(15) COMP', { dialect: 'gnucobol' }), 16 + 8);
    assert.equal(at('POINTER', { dialect: 'gnucobol' }), 16 + 8);
    assert.equal(at('PIC S9(5) COMP-X', { dialect: 'gnucobol' }), 9 + 3);
  });

  it('at GnuCOBOL moves the last item of the element instead, as cobc 3.1 was found to do', () => {
    // Addresses that compiled programs displayed.
    const at = (...items: readonly string[]) =>
      places(copybook('01 R.', '   05 T OCCURS 3.', ...items.map((item) => `      ${item}`)), {
        dialect: 'gnucobol',
      }).filter((line) => !line.startsWith('slack'));
    assert.deepEqual(at('10 D PIC S9(6) COMP SYNC.', '10 E PIC X.', '10 F PIC X(2).', '10 G PIC X(2).'), [
      't 0+12',
      't.d 0+4',
      't.e 4+1',
      't.f 5+2',
      't.g 10+2',
    ]);
    const nested = at('10 A PIC X.', '10 G.', '   15 D COMP-2 SYNC.', '   15 E PIC X.');
    assert.deepEqual(nested, ['t 0+24', 't.a 0+1', 't.g 1+16', 't.g.d 8+8', 't.g.e 23+1']);
    // A group at the end makes it forget the boundaries before.
    const forgotten = at('10 D COMP-2 SYNC.', '10 E OCCURS 3.', '   15 F PIC X.');
    assert.deepEqual(forgotten, ['t 0+11', 't.d 0+8', 't.e 8+1', 't.e.f 8+1']);
  });

  it('says nothing of the first item of a redefinition', () => {
    assert.deepEqual(
      places(
        copybook(
          '01 R.',
          '   05 X PIC X.',
          '   05 A PIC X(4).',
          '   05 B REDEFINES A.',
          '      10 C PIC 9(5) COMP SYNC.',
        ),
      ),
      ['x 0+1', 'a 1+4', 'b 1+4', 'b.c 1+4'],
    );
  });
});

describe('REDEFINES', () => {
  it('larger than what it redefines moves what follows', () => {
    assert.deepEqual(
      places(copybook('01 R.', '   05 A PIC X(2).', '   05 B REDEFINES A PIC X(4).', '   05 C PIC X.')),
      ['a 0+2', 'b 0+4', 'c 4+1'],
    );
  });

  it('of a redefinition is one of the first item', () => {
    const text = copybook(
      '01 R.',
      '   05 A PIC X(4).',
      '   05 B REDEFINES A.',
      '      10 C PIC X(2).',
      '      10 D REDEFINES C PIC 9(2).',
      '      10 E PIC X(1) OCCURS 2.',
      '   05 F PIC X.',
    );
    assert.deepEqual(places(text), ['a 0+4', 'b 0+4', 'b.c 0+2', 'b.d 0+2', 'b.e 2+1', 'f 4+1']);
  });
});

describe('a record', () => {
  it('that no file can hold is refused before its bytes are made', () => {
    const text = copybook('01 R.', '   05 A OCCURS 100000.', '      10 B PIC X(1000) OCCURS 100.');
    assert.throws(() => layoutFor(text), misconfigured(/R has 10000000000 bytes/));
  });
});

describe('the report of a layout', () => {
  it('has every byte: FILLER, conditions, tables, groups of FILLER', () => {
    const lines = layoutReport(
      layoutFor(
        copybook(
          '01 R.',
          '   05 A PIC X.',
          "      88 A-YES VALUE 'Y' 'J'.",
          '   05 FILLER PIC X(3).',
          '   05 G.',
          '      10 FILLER PIC 9(2) OCCURS 2.',
          '      10 B PIC S9(5)V99 COMP-3 OCCURS 3.',
          '   05 H.',
          '      10 FILLER PIC X(2).',
        ),
      ),
    );
    assert.deepEqual(
      lines.map(
        (l) => `${l.depth} ${l.kind} ${l.legacyName} ${l.offset}+${l.length} ${l.text} @${l.line ?? '-'}`,
      ),
      [
        '0 scalar A 0+1 X @2',
        "0 condition A-YES 0+1 88 VALUES 'Y', 'J' @3",
        '0 filler FILLER 1+3 X(3) @4',
        '0 group G 4+16  @-',
        '1 filler FILLER 4+4 9(2) OCCURS 2 @6',
        '1 scalar B 8+4 S9(5)V99 COMP-3 @7',
        '0 filler H 20+2 GROUP @8',
      ],
    );
    assert.deepEqual(lines.find(({ legacyName }) => legacyName === 'B')?.occurs, { min: 3, max: 3 });
  });
});

describe('the 195 fields of Cobrix test6', () => {
  const folder = join(import.meta.dirname, '../../../shared/conformance/cobrix');
  const there = existsSync(folder);
  it('stand where Cobrix has them', { skip: skipUnless(there, 'there is no ../shared/conformance') }, () => {
    const [record] = parseCopybook(readFileSync(join(folder, 'test6_copybook.cob'), 'utf8')).records;
    assert.ok(record !== undefined);
    const layout = layoutOf(record, { charset: 'cp037', floats: 'ibm' });
    const expected = readFileSync(join(folder, 'test6_expected/test6_layout.txt'), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, name, start, length] = /^\s+\d+ (\S+)\s+\d+\s+(\d+)\s+\d+\s+(\d+)$/.exec(line) ?? [];
        return name === undefined ? [] : [`${name} ${Number(start) - 1}+${length}`];
      });
    const found = layoutReport(layout)
      .filter(({ kind }) => kind === 'scalar')
      .map(({ legacyName, offset, length }) => `${legacyName.replaceAll('-', '_')} ${offset}+${length}`);
    assert.equal(layout.length, 1493);
    assert.deepEqual(found, expected);
  });
});
