import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ParseCopybookOptions, parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { type Case, check, faultOf } from './faulty.ts';
import { fixed, shown } from './shown.ts';

type Defines = NonNullable<ParseCopybookOptions['defines']>;

/** Names of the items below the record. */
function names(lines: readonly string[], options: ParseCopybookOptions = {}): string {
  const { records } = parseCopybook(fixed('01 R.', '05 FIRST-ITEM PIC X.', ...lines), options);
  return records.flatMap(({ children }) => children.slice(1).map(({ name }) => name ?? '-')).join(' ');
}

const branch = (name: string): string => `05 ${name} PIC X.`;

describe('conditions of directives', () => {
  const holds = (condition: string, defines: Defines = {}): boolean =>
    names([`>>IF ${condition}`, branch('A'), '>>ELSE', branch('B'), '>>END-IF'], { defines }) === 'A';
  const given = { N: 5, T: 'PROD', B: true, OFF: false, 'MAX-ROWS': 12 };
  const cases: Readonly<Record<string, boolean>> = {
    'N = 5': true,
    'n=5': true,
    'N NOT = 5': false,
    'N <> 4': true,
    'N > 4 AND N < 6': true,
    'N >= 6 OR N <= 5': true,
    'N IS GREATER THAN OR EQUAL TO 5': true,
    'N IS LESS THAN 5': false,
    'N EQUALS 5': true,
    'N + 2 * 3 = 11': true,
    '(N + 2) * 3 = 21': true,
    '(N - 10) = -5': true,
    '7 / 2 = 3': true,
    'MAX-ROWS - 2 = 10': true,
    "T = 'PROD'": true,
    'T = "TEST"': false,
    "T NOT = 'TEST'": true,
    B: true,
    OFF: false,
    'NOT OFF': true,
    "B = B'1'": true,
    'N DEFINED': true,
    'N IS DEFINED': true,
    'X IS NOT DEFINED': true,
    'X DEFINED OR (N = 5 AND NOT (T = "A"))': true,
    '(X DEFINED OR N = 5) AND T = "A"': false,
    'N = 5.': true,
    'N = 5 *> as in the batch': true,
  };
  for (const [condition, expected] of Object.entries(cases)) {
    it(`${condition} is ${expected}`, () => assert.equal(holds(condition, given), expected));
  }

  it('names have no case, and a text of digits beside a number is a number', () => {
    assert.equal(holds('level = 3', { Level: '3' }), true);
    assert.equal(holds("LEVEL = '3'", { Level: '3' }), true);
  });
});

describe('conditional compilation', () => {
  it('of IF the first branch whose condition holds is code', () => {
    const lines = [
      '>>IF V = 1',
      branch('A'),
      '>>ELIF V = 2',
      branch('B'),
      '>>ELSE',
      branch('C'),
      '>>END-IF',
      branch('D'),
    ];
    assert.equal(names(lines, { defines: { V: 1 } }), 'A D');
    assert.equal(names(lines, { defines: { V: 2 } }), 'B D');
    assert.equal(names(lines, { defines: { V: 3 } }), 'C D');
  });

  it('of EVALUATE the first WHEN that matches is code', () => {
    const lines = [
      '>>EVALUATE V',
      '>>WHEN 1',
      branch('A'),
      '>>WHEN 2 THRU 4',
      branch('B'),
      '>>WHEN OTHER',
      branch('C'),
      '>>END-EVALUATE',
    ];
    assert.deepEqual(
      [1, 3, 9].map((V) => names(lines, { defines: { V } })),
      ['A', 'B', 'C'],
    );
    const conditions = [
      '>>EVALUATE TRUE',
      '>>WHEN V = 1',
      branch('A'),
      '>>WHEN V DEFINED',
      branch('B'),
      '>>END-EVALUATE',
    ];
    assert.deepEqual(
      [1, 3].map((V) => names(conditions, { defines: { V } })),
      ['A', 'B'],
    );
    assert.equal(names(conditions.with(1, '>>WHEN W DEFINED')), '');
  });

  it('directives stand in each other, and conditions of what is no code are not read', () => {
    const lines = [
      '>>IF A DEFINED',
      '>>IF B = 1',
      branch('X'),
      '>>ELSE',
      branch('Y'),
      '>>END-IF',
      '>>EVALUATE C',
      '>>WHEN 1',
      branch('Z'),
      '>>END-EVALUATE',
      '>>DEFINE D AS 2',
      '>>ELSE',
      branch('W'),
      '>>END-IF',
    ];
    assert.equal(names(lines), 'W');
    assert.equal(names(lines, { defines: { A: 1, B: 1, C: 1 } }), 'X Z');
  });

  it('DEFINE holds for all lines behind it', () => {
    const ask = ['>>IF V = 2', branch('A'), '>>END-IF'];
    assert.equal(names(['>>DEFINE V AS 2', ...ask]), 'A');
    assert.equal(names(['>>DEFINE V 1 + 1', ...ask]), 'A');
    assert.equal(names(['>>DEFINE V AS PARAMETER', ...ask], { defines: { V: 2 } }), 'A');
    assert.equal(names(['>>DEFINE V AS 1', '>>DEFINE V AS 2 OVERRIDE', ...ask]), 'A');
    assert.equal(
      names(['>>DEFINE V AS 2', '>>DEFINE V AS OFF', '>>IF V DEFINED', branch('A'), '>>END-IF']),
      '',
    );
    assert.equal(names([">>DEFINE V AS B'1'", '>>IF V', branch('A'), '>>END-IF']), 'A');
  });

  it('DEFINE holds in copied texts, and what they define behind the COPY', () => {
    const texts: Readonly<Record<string, string>> = {
      DEFS: fixed('>>DEFINE V AS 2'),
      BODY: fixed('>>IF V = 2', branch('A'), '>>ELSE', branch('B'), '>>END-IF'),
    };
    const copy = (name: string) => {
      const text = texts[name];
      return text === undefined ? undefined : { text, file: name };
    };
    assert.equal(names(['COPY DEFS.', 'COPY BODY.', '>>IF V = 2', branch('C'), '>>END-IF'], { copy }), 'A C');
    assert.equal(names(['>>DEFINE V AS 1', 'COPY BODY.'], { copy }), 'B');
    assert.equal(names(['>>IF V DEFINED', 'COPY NOWHERE.', '>>END-IF'], { copy }), '');
  });

  it('Micro Focus: $IF, $ELSE and $END, and constants that are used like a level 78', () => {
    const lines = ['$IF SIZE > 10', '05 A PIC X(SIZE).', '$ELSE', branch('B'), '$END'];
    assert.equal(names(['$SET CONSTANT SIZE(12)', ...lines]), 'A');
    assert.equal(names(['$SET CONSTANT SIZE"7"', ...lines]), 'B');
    const { records } = parseCopybook(fixed('$set constant size(12)', '01 A PIC X(SIZE).'));
    assert.equal(records[0]?.picture?.positions, 12);
    assert.equal(names(['$IF SIZE DEFINED', branch('A'), '$ELSE', branch('B'), '$END']), 'B');
    assert.equal(names(['$IF IBMCOMP SET', branch('A'), '$END'], { defines: { IBMCOMP: true } }), 'A');
    assert.equal(names(['$IF IBMCOMP SET', branch('A'), '$END'], { defines: { IBMCOMP: false } }), '');
  });

  it('directives stand in column 7 or behind, and columns 73 to 80 are no part of them', () => {
    const text = [
      '000100 01 R.',
      '000200 05 A PIC X.',
      `${'000300 >>IF V = 1'.padEnd(72)}00030000`,
      '000400 05 B PIC X.',
      '000500>>ELSE',
      '000600 05 C PIC X.',
      '000700 >>END-IF',
    ].join('\n');
    assert.deepEqual(shown(parseCopybook(text, { defines: { V: 1 } })), ['1 R', '  5 A X', '  5 B X']);
    assert.deepEqual(shown(parseCopybook(text, { defines: { V: 2 } })), ['1 R', '  5 A X', '  5 C X']);
  });

  it('what is no code need not be COBOL', () => {
    assert.equal(names(['>>IF V DEFINED', "05 A PIC 'X", 'NO COBOL, at all', '>>END-IF', branch('B')]), 'B');
  });

  it('branches may be open where the PROCEDURE DIVISION begins', () => {
    const text = fixed(
      '01 R.',
      '05 A PIC X.',
      '>>IF V DEFINED',
      'PROCEDURE DIVISION USING R.',
      '>>ELSE',
      'PROCEDURE DIVISION.',
      '>>END-IF',
    );
    assert.deepEqual(shown(parseCopybook(text)), ['1 R', '  5 A X']);
  });
});

describe('a directive that is wrong is a fault with its place', () => {
  const cases: readonly Case[] = [
    [['‹>>IF› V DEFINED', '05 A PIC X.'], 'This >>IF has no >>END-IF'],
    [['‹$IF› V DEFINED', '05 A PIC X.'], 'This $IF has no $END'],
    [['‹>>EVALUATE› TRUE', '05 A PIC X.'], 'This >>EVALUATE has no >>END-EVALUATE'],
    [['05 A PIC X.', '‹>>ELSE›'], '>>ELSE stands in no IF'],
    [['>>IF V DEFINED', '‹>>WHEN› 1'], '>>WHEN stands in no EVALUATE'],
    [['>>IF V DEFINED', '>>ELSE', '‹>>ELSE›'], '>>ELSE stands behind the last branch of the IF in line 1'],
    [
      ['>>IF ‹V› = 1'],
      '`V` is not defined. Give it in the option `defines`, as the compiler option DEFINE does',
    ],
    [['>>DEFINE LEVEL AS 1', '>>IF ‹LEVLE› = 1'], '`LEVLE` is not defined. Did you mean "LEVEL"?'],
    [['>>IF 1 = 1 ‹THEN›'], '>>IF ends here; `THEN` cannot go on with it'],
    [['>>IF ‹1› = "A"'], 'A number, a text and a boolean cannot be compared with each other'],
    [['>>IF ‹"A"› < "B"'], 'Texts and booleans are equal or not; none is less'],
    [['>>IF 1 ‹/› 0 = 1'], 'Nothing can be divided by zero'],
    [['>>IF 1‹›'], 'A comparison (`= < > <= >= <>`) or DEFINED is expected'],
    [['>>IF (1 = 1‹›'], '`)` is expected'],
    [['>>IF A ‹!›= 1'], '`!` is no part of an expression of a directive'],
    [
      ['>>DEFINE V AS 1', '‹>>DEFINE› V AS 2'],
      'V is defined otherwise before: OVERRIDE says that this one counts',
    ],
    [['05 A PIC', '‹>>IF› V DEFINED', 'X.', '>>END-IF'], '>>IF cannot stand inside of this statement'],
  ];
  for (const each of cases.slice(0, -1)) it(each[0].join(' | '), () => check(each, 'copybook-syntax'));

  it('a change of the format inside a branch, and asking for compiler directives, are refused by name', () => {
    check(
      [
        ['>>IF V DEFINED', '‹>>SOURCE› FREE'],
        'A change of the reference format inside conditional compilation is not supported',
      ],
      'copybook-unsupported',
    );
    check(
      [
        ['$IF ‹IBMCOMP› SET'],
        'Asking whether the compiler directive `IBMCOMP` is set, unless the option `defines` names it, is not supported',
      ],
      'copybook-unsupported',
    );
  });

  it('a copied text closes no branch of the text that copies it', () => {
    const copy = () => ({ text: fixed('>>END-IF'), file: 'END' });
    const fault = faultOf(fixed('>>IF V DEFINED', '>>ELSE', 'COPY E.', '>>END-IF'), { copy });
    assert.match(fault.message, /^END, line 1, column 8: >>END-IF stands in no IF/);
  });
});
