import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Case, check, faultOf } from './faulty.ts';
import { fixed } from './shown.ts';

const SYNTAX: readonly Case[] = [
  [['01 R.', '05 A ‹PCI› X.'], '`PCI` begins no clause of a data description entry. Did you mean "PIC"?'],
  [
    ['05 A PIC 9 ‹COMP-33›.'],
    '`COMP-33` begins no clause of a data description entry. Did you mean "COMP-3"?',
  ],
  [['05 A PIC 9 USAGE ‹BINRY›.'], '`BINRY` is no USAGE. Did you mean "BINARY"?'],
  [['05 A PIC X ‹OCURS› 3.'], '`OCURS` begins no clause of a data description entry. Did you mean "OCCURS"?'],
  [["05 A PIC X ‹'A'›."], 'A literal stands only behind VALUE'],
  [['05 A PIC X', '‹05› B PIC X.'], 'The entry before this level number does not end with a period.'],
  [['05 A PIC X‹›'], 'The last entry does not end with a period.'],
  [['05 A PIC X.', "88 B VALUE 'A'‹›"], 'The last entry does not end with a period.'],
  [['‹FOO› PIC X.'], 'A level number is expected (01 to 49, 66, 77, 78 or 88); `FOO` is none'],
  [['‹50› A PIC X.'], 'A level number is expected (01 to 49, 66, 77, 78 or 88); `50` is none'],
  [['‹00› A PIC X.'], 'A level number is expected (01 to 49, 66, 77, 78 or 88); `00` is none'],
  [["‹'A'›."], 'A level number is expected (01 to 49, 66, 77, 78 or 88)'],
  [
    ['01 ‹12› PIC X.'],
    'The name of the item, or FILLER, is expected: letters, digits, `-` and `_`; `12` is none',
  ],
  [
    ['01 ‹A(B› PIC X.'],
    '`A(B` is no name yet: COPY … REPLACING, or the option `replacing`, says what stands for its parts',
  ],
  [
    ['01 ‹:TAG:-REC›.'],
    '`:TAG:-REC` is no name yet: COPY … REPLACING, or the option `replacing`, says what stands for its parts',
  ],
  [["05 A PIC X VALUE ‹'A."], 'This literal has no closing quote on its line'],
  [
    ['05 A PIC X VALUE ‹B›.'],
    'A literal is expected: text in quotes, a number, or a word such as ZERO or SPACES',
  ],
  [
    ['05 A PIC X VALUE‹.›'],
    'A literal is expected: text in quotes, a number, or a word such as ZERO or SPACES',
  ],
  [['05 A PIC‹.›'], 'A PICTURE is expected, as in `X(10)` or `S9(7)V99`'],
  [['05 A PIC X‹(›.'], 'A repetition is a whole number in parentheses, as in `X(10)`'],
  [['05 A PIC X‹(›10 .'], 'A repetition is a whole number in parentheses, as in `X(10)`'],
  [['05 A PIC X‹(›N).'], 'A repetition is a whole number in parentheses, as in `X(10)`'],
  [['05 A PIC 9(‹0›).'], 'A repetition of 0 leaves no character position'],
  [['05 A PIC ‹X(134217728)›.'], 'An item has at most 134217727 characters'],
  [['05 A PIC ‹S›X.'], '`S` cannot stand in a PICTURE with `A` or `X`'],
  [['05 A PIC 9‹V›X.'], '`V` cannot stand in a PICTURE with `A` or `X`'],
  [['05 A PIC 9‹S›9.'], '`S` can only be the first symbol of a PICTURE'],
  [['05 A PIC ‹S›S9.'], '`S` cannot be repeated'],
  [['05 A PIC 9V9‹V›9.'], 'A PICTURE has one decimal point (`V` or `.`)'],
  [['05 A PIC ‹SV›.'], 'The PICTURE `SV` has no digit'],
  [['05 A PIC X ‹PIC› X.'], 'The entry has two PICTURE clauses; the first is in line 1'],
  [['05 A PIC 9 COMP ‹COMP-3›.'], 'The entry has two USAGE clauses; the first is in line 1'],
  [['05 A PIC X ‹COMP›.'], 'USAGE COMP needs a number, the PICTURE `X` is alphanumeric'],
  [['01 G COMP.', '05 A ‹PIC› X.'], 'USAGE COMP needs a number, the PICTURE `X` is alphanumeric'],
  [['01 G COMP.', '05 A PIC 9 ‹DISPLAY›.'], 'This contradicts the USAGE of its group, COMP'],
  [['‹01› R.'], '`R` has no PICTURE, and nothing stands below it'],
  [['01 R.', '‹05› FILLER.'], 'The unnamed item has no PICTURE, and nothing stands below it'],
  [
    ['01 R PIC X.', '‹05› A PIC X.'],
    'Nothing can stand below an elementary item: `R` in line 1 has a PICTURE',
  ],
  [
    ['05 A PIC X OCCURS ‹N› TIMES.'],
    'The number of occurrences is expected: a whole number of at most nine digits',
  ],
  [
    ['05 A PIC X OCCURS ‹0› TIMES.'],
    'The greatest number of occurrences must be at least 1 and the least one',
  ],
  [
    ['05 N PIC 9.', '05 A PIC X OCCURS ‹3› TO 2 DEPENDING ON N.'],
    'The greatest number of occurrences must be at least 1 and the least one',
  ],
  [['05 A PIC X OCCURS ‹1› TO 3.'], 'OCCURS 1 TO 3 needs DEPENDING ON and the name of a counter'],
  [
    ['05 COUNT-A PIC 9.', '05 A PIC X OCCURS 3 DEPENDING ON ‹CUONT-A›.'],
    'The counter `CUONT-A` stands nowhere before it in the record. Did you mean "COUNT-A"?',
  ],
  [['05 N PIC X.', '05 A PIC X OCCURS 3 DEPENDING ON ‹N›.'], 'The counter `N` in line 1 is no integer'],
  [['05 A PIC X OCCURS 3 INDEXED BY ‹.›'], 'The name of an index is expected: letters, digits, `-` and `_`'],
  [
    ['01 R.', '05 AMOUNT PIC X.', '05 B REDEFINES ‹AMUONT› PIC X.'],
    'No item `AMUONT` stands before it in the same group. Did you mean "AMOUNT"?',
  ],
  [
    ['01 R.', '05 A PIC X.', '05 G.', '10 B REDEFINES ‹A› PIC X.'],
    'No item `A` stands before it in the same group.',
  ],
  [
    ['01 R.', '05 A PIC X.', '05 C PIC X.', '05 B REDEFINES ‹A› PIC X.'],
    '`A` cannot be redefined here: another item stands between them, and its bytes too',
  ],
  [
    ['01 R.', '10 A PIC X.', '05 B REDEFINES ‹A› PIC X.'],
    '`A` cannot be redefined here: it has level 10, and this is level 5',
  ],
  [['‹88› A VALUE 1.'], 'A condition (level 88) needs an item before it'],
  [['05 A PIC X.', '88 B ‹PIC› X.'], 'A condition (level 88) has a VALUE clause and no other'],
  [['05 A PIC X.', '88 B VALUES ARE‹.›'], 'A condition needs at least one value'],
  [['05 A PIC X.', '‹01› R PIC X.'], 'The items before this level belong to no record: put a 01 before them'],
  [['77 A PIC X.', '‹05› B PIC X.'], 'This item belongs to no record: put a 01 before it'],
];

describe('a copybook that is wrong names the line, the column and the nearest word', () => {
  for (const each of SYNTAX) it(each[0].join(' | '), () => check(each, 'copybook-syntax'));
});

describe('the message of a copybook fault', () => {
  it('begins with the name of the file', () => {
    assert.match(faultOf('       01 R.', { file: 'cust.cpy' }).message, /^cust\.cpy, line 1, column 8: /);
  });

  it('keeps tabs before the caret, so that it stands below its column', () => {
    const [, source, caret] = faultOf('\t01 R.\n\t\t05 A\tPCI X.').message.split('\n');
    assert.equal(source, '\t\t05 A\tPCI X.');
    assert.equal(caret, '\t\t    \t^');
  });

  it('shows a window of a long line and no control characters', () => {
    const text = `01 ${'A'.repeat(5_000)} ${'\u001b[31m'} ${'B'.repeat(5_000)}.`;
    const [, source = '', caret = ''] = faultOf(text).message.split('\n');
    assert.ok(source.length < 200);
    assert.equal(source.at(caret.length - 1), '?');
    assert.ok(source.startsWith('…AAA') && source.endsWith('BBB…'));
  });

  it('says what fixed format ignored when a period is missing', () => {
    const text = fixed(`05 A PIC 9(5)${' '.repeat(52)} COMP-3.`, '05 B PIC X.');
    assert.match(faultOf(text).message, /What stands behind column 72 of line 1, `COMP-3\.`, is ignored\./);
  });

  it('says so when column 72 cuts a word', () => {
    const text = fixed(`05 A PIC 9(5)${' '.repeat(49)}COMP-3.`);
    assert.match(
      faultOf(text).message,
      /`COM` begins no clause.* Did you mean "COMP"\? What .* `P-3\.`, is ignored\./,
    );
  });

  it('names an indicator that fixed format does not know, and a continuation line', () => {
    assert.match(
      faultOf('      X05 A PIC X.').message,
      /^line 1, column 7: Column 7 of a line in fixed format/,
    );
    const fault = faultOf("      -    'A'.");
    assert.match(fault.message, /^line 1, column 7: This line continues no line before it/);
  });

  it('is given for a text without any item', () => {
    for (const text of ['', '\n\n', '      * only a comment', '\u001a']) {
      assert.match(faultOf(text).message, /^line 1, column 1: The text describes no item/);
    }
  });
});
