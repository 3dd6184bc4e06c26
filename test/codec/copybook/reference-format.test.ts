import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { fixed, shownTree } from './shown.ts';

const TREE = ['1 R', '  5 A X(3)', '  5 B 9'];

describe('fixed format', () => {
  it('ignores the sequence area and the identification area', () => {
    const line = (sequence: string, code: string) => `${sequence.padEnd(6)} ${code.padEnd(65)}CHG0042.`;
    const text = [line('000100', '01 R.'), line('AB*1.X', '05 A PIC X(3).'), line('', '05 B PIC 9.')].join(
      '\r\n',
    );
    assert.deepEqual(shownTree(text), TREE);
  });

  it('leaves out comment lines, debugging lines, blank lines and *> comments', () => {
    const text = [
      '      * a comment. 05 X PIC X.',
      '000000/ a new page',
      '      D05 X PIC X.',
      '***********************************************************************',
      '',
      '       01 R.   *> the record',
      '      *05 X PIC X.',
      '           05 A PIC X(3). *> 05 X PIC X.',
      '      ',
      '           05 B PIC 9.',
    ].join('\n');
    assert.deepEqual(shownTree(text), TREE);
  });

  it('lets a tab lead to the next column 9, 17, 25 …', () => {
    assert.deepEqual(shownTree('\t01 R.\n\t\t05 A\tPIC\tX(3).\n\t\t\t 05 B\n\t\t\t\tPIC 9.\n'), TREE);
  });

  it('counts a tab into the 72 columns', () => {
    const behind = `\t05 A PIC X(3).${'\t'.repeat(7)}05 X.`;
    assert.deepEqual(shownTree(`\t01 R.\n${behind}\n\t05 B PIC 9.`), TREE);
  });

  it('takes commas and semicolons before a blank for blanks', () => {
    assert.deepEqual(shownTree(fixed('01 R; .', '05 A, PIC X(3); .', '05 B, PIC; 9.')), TREE);
  });

  it('ends at a Ctrl-Z and begins behind a byte order mark', () => {
    assert.deepEqual(
      shownTree(`\ufeff${fixed('01 R.', '05 A PIC X(3).', '05 B PIC 9.')}\n\u001a\u0000 rubbish`),
      TREE,
    );
  });

  it('lets an entry run over lines and several stand in one', () => {
    assert.deepEqual(shownTree(fixed('01', 'R', '. 05 A PIC', 'X(3). 05 B PIC 9.')), TREE);
  });
});

describe('free format', () => {
  it('is seen by a level number before column 8', () => {
    assert.deepEqual(shownTree('01 R.\n  05 A PIC X(3).\n  05 B PIC 9.'), TREE);
    assert.deepEqual(shownTree('* comment\n01 R.\n*> comment\n    05 A PIC X(3).\n      05 B PIC 9.'), TREE);
  });

  it('reads beyond column 72', () => {
    assert.deepEqual(shownTree(`01 R.\n 05 A ${' '.repeat(80)} PIC X(3).\n 05 B PIC 9.`), TREE);
  });

  it('can be demanded or forbidden', () => {
    const text = fixed('01 R.', `05 A${' '.repeat(61)}PIC X(3).`, '05 B PIC 9.');
    assert.deepEqual(
      parseCopybook(text, { format: 'free' }).records[0]?.children.map(({ name }) => name),
      ['A', 'B'],
    );
    assert.throws(
      () => parseCopybook(text, { format: 'fixed' }),
      /line 3, column 8: .*does not end with a period/,
    );
  });
});

describe('variable format', () => {
  const long = `       01 R. 05 A${' '.repeat(65)}PIC X(3).\n       05 B PIC 9.`;

  it('is seen by code that only makes sense with what stands behind column 80', () => {
    assert.deepEqual(shownTree(long), TREE);
    assert.deepEqual(shownTree(long.replace('       05 B', '      * note\n       05 B')), TREE);
  });

  it('is not seen where a note stands behind column 80', () => {
    const noted = fixed(`01 R.${' '.repeat(70)}CHANGED BY HH`, '05 A PIC X(3).', '05 B PIC 9.');
    assert.deepEqual(shownTree(noted), TREE);
  });

  it('must be said where a text means something in both formats', () => {
    const both = fixed('01 R.', `05 A PIC X(3).${' '.repeat(60)}05 X PIC X.`, '05 B PIC 9.');
    assert.throws(
      () => parseCopybook(both),
      /^Fault: line 2, column 1: What stands behind column 72 changes/,
    );
    assert.equal(parseCopybook(both, { format: 'variable' }).records[0]?.children.length, 3);
    assert.equal(parseCopybook(both, { format: 'fixed' }).records[0]?.children.length, 2);
  });
});

describe('a banner of asterisks', () => {
  it('may begin in column 1, and before the sequence area ends', () => {
    const banners = ['*****', '**** note ****', '* The note', '*> note', '   *> note', '*notes: 05 X PIC X.'];
    const text = ['       01 R.', ...banners, fixed('05 A PIC X(3).', '05 B PIC 9.')].join('\n');
    assert.deepEqual(shownTree(text), TREE);
  });
});

describe('a debugging line', () => {
  it('is code only where the option says so', () => {
    const text =
      '       01 R.\n           05 A PIC X(3).\n      D    05 D PIC X.\n       >>D 05 E PIC X.\n           05 B PIC 9.';
    assert.deepEqual(shownTree(text), TREE);
    const names = parseCopybook(text, { debugging: true }).records[0]?.children.map(({ name }) => name);
    assert.deepEqual(names, ['A', 'D', 'E', 'B']);
  });
});

describe('a directive', () => {
  it('changes the format from its line on', () => {
    for (const directive of [
      '       >>SOURCE FORMAT IS FREE',
      '      $SET SOURCEFORMAT"FREE"',
      '>>set sourceformat "free"',
    ]) {
      assert.deepEqual(shownTree(`${directive}\n01 R.\n05 A PIC X(3). 05 B\nPIC 9.`), TREE, directive);
      assert.deepEqual(
        shownTree(`${directive}\n01 R.\n05 A\n>>SOURCE FIXED\n000100     PIC X(3).\n000200 05 B PIC 9.`),
        TREE,
      );
    }
  });

  it('or an option of the compiler or its listing is passed over', () => {
    const text = [
      '       CBL ARITH(EXTEND)',
      'PROCESS NODYNAM',
      '      $SET IBMCOMP',
      '       >>CALLINTERFACE DLL',
      '       01 R.',
      '       EJECT',
      '           05 A',
      "       TITLE 'PAGE 2'.",
      '           PIC X(3).',
      '       SKIP2.',
      '       05 B PIC 9.',
    ].join('\n');
    assert.deepEqual(shownTree(text), TREE);
  });

  it('that is unknown is a fault with the nearest one', () => {
    assert.throws(
      () => parseCopybook('       >>SUORCE FREE'),
      /`>>SUORCE` is no compiler directive. Did you mean "SOURCE"\?/,
    );
  });
});

describe('a continuation line', () => {
  const literalOf = (...lines: readonly string[]): string => {
    const value = parseCopybook(lines.join('\n')).records[0]?.value;
    return value?.kind === 'text' ? value.text : '';
  };
  const start = `       01 A PIC X(99) VALUE 'AB`;

  it('goes on with a literal from column 72, blanks and all', () => {
    assert.equal(literalOf(start, "      -    'CD'."), `AB${' '.repeat(72 - start.length)}CD`);
    const full = `${start}${'x'.repeat(72 - start.length)}IGNORED`;
    assert.equal(
      literalOf(full, '      * a comment', '', "000300-    'CD'."),
      `AB${'x'.repeat(72 - start.length)}CD`,
    );
  });

  it('goes on with a literal whose quote is divided', () => {
    const full = `${start}${'x'.repeat(71 - start.length)}'`;
    assert.equal(literalOf(full, "      -    ''CD'."), `AB${'x'.repeat(71 - start.length)}'CD`);
  });

  it('goes on with a word behind its last character', () => {
    assert.deepEqual(
      shownTree('       01 R. 05 A PIC\n           X(\n      -    3). 05 B PI\n      -       C 9.'),
      TREE,
    );
  });

  it('is announced by a quote and a hyphen in free format', () => {
    assert.equal(literalOf(`01 A PIC X(9) VALUE "AB"-`, `   "CD"-`, ` "E".`), 'ABCDE');
  });

  it('that does not begin with a quote is a fault', () => {
    assert.throws(
      () => literalOf(start, '      -    CD.'),
      /line 2, column 12: A continued literal goes on behind a quote/,
    );
    assert.throws(
      () => literalOf(`${start}'`, "      -    'CD'."),
      /The literal before this one is complete/,
    );
  });
});
