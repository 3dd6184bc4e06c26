// VALUE clauses: the template of new records, and the values of conditions.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConditionValue, LayoutOptions } from '../../src/codec/layout.ts';
import { Fault } from '../../src/fault.ts';
import { copybook, layoutFor } from './records.ts';

/** The template in hexadecimal. */
function template(lines: readonly string[], options: Partial<LayoutOptions> = {}): string {
  const layout = layoutFor(copybook('01 R.', ...lines.map((line) => `   ${line}`)), options);
  assert.equal(layout.template?.length, layout.length);
  return layout.template?.toHex() ?? '';
}

describe('the template of a record', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['PIC X(3)', '404040'],
    ["PIC X(3) VALUE 'AB'", 'c1c240'],
    ["PIC X(3) JUSTIFIED VALUE 'AB'", 'c1c240'],
    ['PIC X(3) VALUE ZERO', 'f0f0f0'],
    ['PIC X(3) VALUE LOW-VALUES', '000000'],
    ['PIC X(3) VALUE HIGH-VALUES', 'ffffff'],
    ['PIC X(3) VALUE QUOTES', '7f7f7f'],
    ["PIC X(5) VALUE ALL 'AB'", 'c1c2c1c2c1'],
    ["PIC X(3) VALUE X'01FF'", '01ff40'],
    ['PIC 9(3)', 'f0f0f0'],
    ['PIC S9(3)', 'f0f0c0'],
    ['PIC S9(3) VALUE -12', 'f0f1d2'],
    ['PIC S9(3)V99 COMP-3 VALUE 1.5', '00150c'],
    ['PIC 9(3) COMP-3', '000f'],
    ['PIC S9(4) COMP VALUE -2', 'fffe'],
    ['PIC ZZ9', '4040f0'],
    ["PIC ZZ9 VALUE ' 12'", '40f1f2'],
    ['COMP-1', '00000000'],
    ['USAGE POINTER VALUE NULL', '00000000'],
    ['PIC N(2)', '00200020'],
    ["PIC N(2) VALUE N'A'", '00410020'],
  ];
  for (const [clause, hex] of cases) {
    it(`has ${hex} for ${clause}`, () => assert.equal(template([`05 F ${clause}.`]), hex));
  }

  it('has the VALUEs of FILLER, tables, and the first view of a REDEFINES', () => {
    assert.equal(
      template([
        "05 FILLER PIC X(2) VALUE '--'.",
        '05 T OCCURS 2.',
        "   10 A PIC X VALUE 'A'.",
        '   10 B PIC 9.',
        "05 C PIC X(2) VALUE 'CC'.",
        '05 D REDEFINES C PIC 9(2).',
      ]),
      '6060c1f0c1f0c3c3',
    );
  });

  it('lays the VALUE of a group over its items', () => {
    assert.equal(template(["05 G VALUE 'AB'.", '   10 A PIC X.', '   10 B PIC 9(2).']), 'c1c240');
    assert.equal(template(['05 G VALUE ALL ZEROS.', '   10 A PIC X.', '   10 B PIC 9(2).']), 'f0f0f0');
  });

  it('gives counters the least that their tables allow, unless VALUE says otherwise', () => {
    const table = '05 T PIC X OCCURS 2 TO 5 DEPENDING ON N.';
    assert.equal(template(['05 N PIC 9.', table]), `f2${'40'.repeat(5)}`);
    assert.equal(template(['05 N PIC 9 VALUE 3.', table]), `f3${'40'.repeat(5)}`);
  });

  it('is of the charset', () => {
    assert.equal(
      template(["05 A PIC X(2) VALUE 'A'.", '05 B PIC S9(2) VALUE -1.'], { charset: 'latin1' }),
      '41203071',
    );
  });

  it('refuses a VALUE that the item cannot hold', () => {
    assert.throws(
      () => template(['05 A PIC 9(2) VALUE 123.']),
      (fault) => fault instanceof Fault && fault.misconfigured,
    );
  });
});

describe('the values of a condition', () => {
  function values(
    picture: string,
    clause: string,
    options: Partial<LayoutOptions> = {},
  ): readonly ConditionValue[] {
    const { nodes } = layoutFor(copybook('01 R.', `   05 F ${picture}.`, `      88 C ${clause}.`), options);
    const node = nodes.find(({ name }) => name === 'c');
    assert.ok(node?.kind === 'scalar' && node.encoding.kind === 'condition');
    return node.encoding.values;
  }

  it('are texts, numbers, bytes or one byte throughout', () => {
    assert.deepEqual(values('PIC X(2)', "VALUES 'A' 'B' THRU 'C'"), [
      { kind: 'value', from: 'A' },
      { kind: 'value', from: 'B', to: 'C' },
    ]);
    assert.deepEqual(values('PIC X(2)', "VALUE X'0aff'"), [{ kind: 'bytes', from: '0AFF' }]);
    assert.deepEqual(values('PIC X(3)', "VALUE ALL 'AB'"), [{ kind: 'value', from: 'ABA' }]);
    assert.deepEqual(values('PIC X(2)', 'VALUE SPACES'), [{ kind: 'fill', byte: 0x40 }]);
    assert.deepEqual(values('PIC X(2)', "VALUE LOW-VALUES THRU 'A'"), [
      { kind: 'bytes', from: '0000', to: 'C1' },
    ]);
    assert.deepEqual(values('PIC 9(2)', 'VALUE ZERO 7 THRU 12'), [
      { kind: 'value', from: '0' },
      { kind: 'value', from: '7', to: '12' },
    ]);
    assert.deepEqual(values('PIC S9(3)V9 COMP-3', 'VALUE -1.50'), [{ kind: 'value', from: '-1.50' }]);
    assert.deepEqual(values('PIC 9(2)', 'VALUE HIGH-VALUES'), [{ kind: 'fill', byte: 0xff }]);
    assert.deepEqual(values('PIC N(2)', "VALUE N'A'"), [{ kind: 'value', from: 'A' }]);
    assert.deepEqual(values('PIC N(2)', 'VALUE SPACES'), [{ kind: 'bytes', from: '00200020' }]);
  });

  it('of an edited item are what stands in it', () => {
    assert.deepEqual(values('PIC Z9.9', "VALUE ' 1.5'"), [{ kind: 'value', from: ' 1.5' }]);
  });
});
