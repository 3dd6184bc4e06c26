// Patterns that name several files: what each wildcard matches, and what is refused.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import { parseGlob } from '../../../adapters/file/store/glob.ts';

function matching(pattern: string, names: readonly string[]): readonly string[] {
  const [step] = parseGlob(pattern).steps;
  return names.filter((name) => step?.matches(name));
}

describe('a pattern of names', () => {
  it('a star is any text, a question mark one character, however many units it has', () => {
    assert.deepEqual(
      matching('CUST*.DAT', ['CUST.DAT', 'CUST01.DAT', 'cust.dat', 'CUST.DAT.gz', 'XCUST.DAT']),
      ['CUST.DAT', 'CUST01.DAT'],
    );
    assert.deepEqual(matching('?', ['a', '😀', 'ab', '']), ['a', '😀']);
  });

  it('a set is one of its characters or none of them, a brace one of its texts', () => {
    assert.deepEqual(matching('T[0-9a-]', ['T1', 'T-', 'Ta', 'Tb', 'T']), ['T1', 'T-', 'Ta']);
    assert.deepEqual(matching('T[!0-9]', ['T1', 'Tx', 'T!', 'T']), ['Tx', 'T!']);
    assert.deepEqual(matching('T[]x]', ['T]', 'Tx', 'T[']), ['T]', 'Tx']);
    assert.deepEqual(matching('{A,B{1,2}}.TXT', ['A.TXT', 'B1.TXT', 'B2.TXT', 'B.TXT']), [
      'A.TXT',
      'B1.TXT',
      'B2.TXT',
    ]);
  });

  it('what a backslash precedes stands for itself, and so does what is special in other languages', () => {
    assert.deepEqual(matching('A\\*\\[1\\].DAT', ['A*[1].DAT', 'AB1.DAT']), ['A*[1].DAT']);
    assert.deepEqual(matching('+(a|b)$^*', ['+(a|b)$^', 'a', '+(a|b)$^x']), ['+(a|b)$^', '+(a|b)$^x']);
    assert.deepEqual(matching('a.c*', ['abc', 'a.c', 'a.cd']), ['a.c', 'a.cd']);
    assert.equal(parseGlob('A\\*B').steps[0]?.literal, 'A*B');
  });

  it('no wildcard takes a leading dot, which is written', () => {
    assert.deepEqual(matching('*', ['.hidden', 'shown', '-x', ' ']), ['shown', '-x', ' ']);
    assert.deepEqual(matching('?a', ['.a', 'aa']), ['aa']);
    assert.deepEqual(matching('[.a]b', ['.b', 'ab']), ['ab']);
    assert.deepEqual(matching('{*,x}', ['.b', 'x', 'y']), ['x', 'y']);
    assert.deepEqual(matching('{.a,*}b', ['.ab', '.cb', 'cb']), ['.ab', 'cb']);
    assert.deepEqual(matching('.*', ['.hidden', 'shown']), ['.hidden']);
    assert.deepEqual(matching('a*', ['a.b']), ['a.b']);
  });

  it('what is no pattern is refused with what is wrong with it', () => {
    for (const [pattern, what] of [
      ['**/A', /"\*\*"/],
      ['a**b', /"\*\*"/],
      ['../A*', /step "\.\."/],
      ['a/./b', /step "\."/],
      ['a//b', /between two slashes/],
      ['a/', /between two slashes/],
      ['', /between two slashes/],
      ['[a', /"\["/],
      ['{a,b', /"\{"/],
      ['{a/b,c}', /"\{"/],
      ['a}*', /"\}"/],
      ['[z-a]', /backwards/],
      ['[[:digit:]]', /class/],
      ['*\\', /backslash/],
      ['a\0', /NUL/],
    ] as const) {
      assert.throws(
        () => parseGlob(pattern),
        (error) =>
          error instanceof Fault &&
          error.misconfigured &&
          error.code === 'bad-glob' &&
          what.test(error.message),
        pattern,
      );
    }
  });
});
