import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { fixed, shown, shownTree } from './shown.ts';

const PROGRAM = [
  'IDENTIFICATION DIVISION.',
  "PROGRAM-ID. PAY. AUTHOR. O'NEIL.",
  'ENVIRONMENT DIVISION.',
  'CONFIGURATION SECTION.',
  'SPECIAL-NAMES.',
  '    CURRENCY SIGN IS "EUR" WITH PICTURE SYMBOL "F"',
  '    DECIMAL-POINT IS COMMA.',
  'INPUT-OUTPUT SECTION.',
  'FILE-CONTROL.',
  '    COPY SELECTS.',
  '    SELECT IN-FILE ASSIGN TO "IN.DAT".',
  'DATA DIVISION.',
  'FILE SECTION.',
  'FD  IN-FILE RECORDING MODE IS F',
  '    LABEL RECORDS ARE STANDARD',
  '    RECORD CONTAINS 80 CHARACTERS.',
  '01  IN-RECORD.',
  '    05 AMOUNT PIC ZZ.ZZ9,99.',
  '    05 PRICE PIC FF9 VALUE 1,50.',
  'SD  SORT-FILE.',
  '01  SORT-RECORD PIC X(80).',
  'WORKING-STORAGE SECTION.',
  '77  COUNTER PIC 9(4) COMP.',
  'EXEC SQL INCLUDE SQLCA END-EXEC.',
  'EXEC SQL BEGIN DECLARE SECTION END-EXEC.',
  '01  HOST PIC X.',
  'EXEC SQL END DECLARE SECTION END-EXEC.',
  'EXEC SQL DECLARE C CURSOR FOR',
  "    SELECT A FROM T WHERE B = 'X' END-EXEC.",
  'LOCAL-STORAGE SECTION.',
  'LINKAGE SECTION.',
  '01  PARM PIC X.',
  'REPORT SECTION.',
  'RD  R PAGE LIMIT 60.',
  '01  LINE-1 TYPE DETAIL LINE PLUS 1.',
  '    05 COLUMN 1 PIC X(3) SOURCE HOST.',
  'PROCEDURE DIVISION USING PARM.',
  "    DISPLAY 'NOTHING OF THIS IS READ",
  '    COPY UNKNOWN.',
  '    STOP RUN.',
];

const TREE = [
  '1 IN-RECORD',
  '  5 AMOUNT ZZ.ZZ9,99',
  '  5 PRICE FF9',
  '1 SORT-RECORD X(80)',
  '77 COUNTER 9(4) comp',
  '1 HOST X',
  '1 PARM X',
];

describe('a program', () => {
  it('has the records of its DATA DIVISION, in order', () => {
    assert.deepEqual(shownTree(fixed(...PROGRAM)), TREE);
  });

  it('in free format too', () => {
    assert.deepEqual(shownTree(PROGRAM.join('\n')), TREE);
  });

  it('says in SPECIAL-NAMES what decimal point and currency are', () => {
    const [record] = parseCopybook(fixed(...PROGRAM)).records;
    const [amount, price] = record?.children ?? [];
    assert.deepEqual([amount?.picture?.scale, price?.picture?.edit?.currency], [2, 'EUR']);
    assert.deepEqual(price?.value, { kind: 'number', text: '1.50' });
  });

  it('without DATA DIVISION has no item', () => {
    const text = fixed('IDENTIFICATION DIVISION.', 'PROGRAM-ID. X.', 'PROCEDURE DIVISION.', '    GOBACK.');
    assert.throws(() => parseCopybook(text), /The text describes no item/);
  });

  it('may begin with a section, and a copybook too', () => {
    assert.deepEqual(shownTree(fixed('FILE SECTION.', 'FD F.', '01 R PIC X.')), ['1 R X']);
    assert.deepEqual(shownTree(fixed('FD F', '    BLOCK CONTAINS 0 RECORDS.', '01 R PIC X.')), ['1 R X']);
  });

  it('copies in SPECIAL-NAMES what must be known', () => {
    const text = fixed(
      'ENVIRONMENT DIVISION.',
      'SPECIAL-NAMES.',
      'COPY NAMES.',
      'DATA DIVISION.',
      '01 R PIC 9,9.',
    );
    assert.throws(() => parseCopybook(text), { code: 'copybook-missing' });
    const copy = () => ({ text: fixed('DECIMAL-POINT IS COMMA.'), file: 'names.cpy' });
    assert.equal(parseCopybook(text, { copy }).records[0]?.picture?.category, 'explicit-point');
  });
});

describe('options in place of SPECIAL-NAMES', () => {
  it('say what decimal point and currency are', () => {
    const options = { decimalComma: true, currency: { '£': '£' } };
    const copybook = parseCopybook(fixed('01 R.', '05 A PIC 9.999,99 VALUE 1,5.', '05 B PIC ££9.'), options);
    assert.deepEqual(shown(copybook), ['1 R', '  5 A 9.999,99', '  5 B ££9']);
    assert.deepEqual(copybook.records[0]?.children[0]?.value, { kind: 'number', text: '1.5' });
  });
});
