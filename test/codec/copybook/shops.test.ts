// What copybooks of real shops hold besides plain entries.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ParseCopybookOptions, parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { compile, layoutOf } from '../../../src/codec/index.ts';
import { faultOf } from './faulty.ts';
import { fixed, itemOf, shownTree } from './shown.ts';

/** Bytes of each record; every layout can be compiled. */
function lengths(text: string, options: ParseCopybookOptions = {}): readonly number[] {
  return parseCopybook(text, options).records.map((record) => {
    const layout = layoutOf(record, { charset: 'cp037' });
    compile(layout);
    return layout.length;
  });
}

const length = (...entries: readonly string[]): number | undefined => lengths(fixed('01 R.', ...entries))[0];

const templateOf = (...entries: readonly string[]): string => {
  const [record] = parseCopybook(fixed('01 R.', ...entries)).records;
  assert.ok(record !== undefined);
  const { template } = layoutOf(record, { charset: 'cp037' });
  assert.ok(template !== undefined);
  return template.toHex();
};

describe('copybooks of real shops', () => {
  it('DCLGEN: the table is declared before its record', () => {
    const text = fixed(
      'EXEC SQL DECLARE PROD.CUSTOMER TABLE',
      '( CUST_ID    INTEGER NOT NULL,',
      '  CUST_NAME  VARCHAR(40) NOT NULL WITH DEFAULT,',
      '  BALANCE    DECIMAL(11, 2)',
      ') END-EXEC.',
      '01  DCLCUSTOMER.',
      '    10 CUST-ID              PIC S9(9) USAGE COMP.',
      '    10 CUST-NAME.',
      '       49 CUST-NAME-LEN     PIC S9(4) USAGE COMP.',
      '       49 CUST-NAME-TEXT    PIC X(40).',
      '    10 BALANCE              PIC S9(9)V9(2) USAGE COMP-3.',
      '01  ICUSTOMER.',
      '    10 INDSTRUC             PIC S9(4) USAGE COMP OCCURS 3 TIMES.',
    );
    assert.deepEqual(lengths(text), [52, 6]);
  });

  it('BMS: a map for input, and the same bytes again for output', () => {
    const text = fixed(
      '01  MAPAI.',
      '    02  FILLER PIC X(12).',
      '    02  AMTL    COMP  PIC  S9(4).',
      '    02  AMTF    PICTURE X.',
      '    02  FILLER REDEFINES AMTF.',
      '      03 AMTA    PICTURE X.',
      '    02  FILLER   PICTURE X(4).',
      '    02  AMTI  PIC X(10).',
      '01  MAPAO REDEFINES MAPAI.',
      '    02  FILLER PIC X(12).',
      '    02  FILLER PICTURE X(3).',
      '    02  AMTC    PICTURE X.',
      '    02  AMTP    PICTURE X.',
      '    02  AMTH    PICTURE X.',
      '    02  AMTV    PICTURE X.',
      '    02  AMTO  PIC ZZZ,ZZ9.99.',
    );
    assert.deepEqual(lengths(text), [29, 29]);
  });

  it('-INC and ++INCLUDE bring in a text as COPY does', () => {
    const copy = (name: string) => ({ text: fixed(`05 ${name} PIC X(3).`), file: name });
    for (const line of ['-INC PART', '++INCLUDE PART', '       ++INCLUDE PART', '000200 ++INCLUDE PART']) {
      const text = `${fixed('01 R.')}\n${line}\n${fixed('05 B PIC X.')}`;
      const [record] = parseCopybook(text, { copy }).records;
      assert.deepEqual(
        record?.children.map(({ name }) => name),
        ['PART', 'B'],
        line,
      );
    }
    assert.equal(
      faultOf(`${fixed('01 R.')}\n-INC PART`).message,
      'line 2, column 6: COPY `PART`: no folder of copybooks is given\n-INC PART\n     ^',
    );
  });

  it('*CBL and *CONTROL are for the listing in any column', () => {
    const text = `${fixed('01 R.', '*CBL NOLIST', '    *CONTROL SOURCE, NOMAP.', '05 A PIC X.')}\n      *CBL LIST`;
    assert.deepEqual(shownTree(text), ['1 R', '  5 A X']);
  });

  it('the option `replacing` takes pseudo-text with its marks too', () => {
    const text = fixed('01 :T:-REC.', '05 :T:-ID PIC X(5).');
    const named = (replacing: Readonly<Record<string, string>>) =>
      parseCopybook(text, { replacing }).records.map(({ name }) => name);
    assert.deepEqual(named({ '==:T:==': '==CU==' }), ['CU-REC']);
    assert.deepEqual(named({ ':T:': 'CU' }), ['CU-REC']);
  });

  it('DATE FORMAT changes no byte, and DATE is still a name', () => {
    const entries = ['05 A PIC 9(6) DATE FORMAT IS YYXXXX COMP-3.', '05 DATE PIC X(8) DATE FORMAT YYYYXXXX.'];
    assert.equal(length(...entries), 12);
  });

  it('PIC U BYTE-LENGTH takes so many bytes, without it four for each character', () => {
    assert.equal(length('05 A PIC U BYTE-LENGTH 10.', '05 B PIC U BYTE-LENGTH IS 3.', '05 C PIC U(2).'), 21);
    assert.equal(itemOf('05 A PIC U BYTE-LENGTH 10.').usage, 'utf-8');
  });

  it('FLOAT-BINARY is IEEE floating point in every dialect', () => {
    const entries = [
      '05 A FLOAT-BINARY-32 VALUE 1.',
      '05 B USAGE FLOAT-BINARY-64 VALUE -2.',
      '05 C COMP-1 VALUE 1.',
    ];
    assert.equal(templateOf(...entries), '3f800000c00000000000000041100000');
  });

  it('VALUE ALL of digits fills a number, however it is stored', () => {
    const entries = ["05 A PIC 9(3) VALUE ALL '9'.", "05 B PIC S9(3)V99 COMP-3 VALUE ALL '12'."];
    assert.equal(templateOf(...entries), 'f9f9f912121c');
  });

  it('constants are computed by the usual order of operators', () => {
    const constants = [
      '78 N VALUE 5.',
      '78 M VALUE N * 2 + 6 / 3.',
      '78 K VALUE (N + M - 2) / 3.',
      '01 L CONSTANT AS 2 * (N + 1).',
    ];
    const entries = ['01 R.', '05 A PIC X(M).', '05 B OCCURS K PIC X.', '05 C PIC X(L).'];
    assert.deepEqual(lengths(fixed(...constants, ...entries)), [12 + 5 + 12]);
  });
});

describe('a fault in a line that goes on behind column 72', () => {
  it('says what is ignored', () => {
    const line = `${'           05 A'.padEnd(65)}PIC X(10).`;
    assert.equal(
      faultOf(`       01 R.\n${line}`).message.split('\n')[0],
      'line 2, column 71: A repetition is a whole number in parentheses, as in `X(10)`. What stands behind column 72, `0).`, is ignored.',
    );
  });
  it('says nothing of what only stands there', () => {
    const line = `${'           05 A PIC Q.'.padEnd(72)}CR001`;
    assert.ok(!faultOf(`       01 R.\n${line}`).message.includes('ignored'));
  });
});

describe('OCCURS on level 01', () => {
  it('makes a record that holds the table', () => {
    const text = fixed('01 R OCCURS 3.', '   05 A PIC X(2).', '01 S PIC 9(4) COMP OCCURS 2 TIMES.');
    assert.deepEqual(shownTree(text), ['1 R', '  1 R 3..3', '    5 A X(2)', '1 S', '  1 S 9(4) comp 2..2']);
    assert.deepEqual(lengths(text), [6, 4]);
  });
});
