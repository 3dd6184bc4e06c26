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
    const behind = `\t05 A PIC X(3).${'\t'.repeat(7)}05 X PIC X.`;
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
