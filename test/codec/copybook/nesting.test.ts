import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { fixed, shownTree } from './shown.ts';

describe('nesting by level numbers', () => {
  it('puts below a group what follows it up to a level that is not greater', () => {
    const text = fixed('01 R.', '03 A.', '07 B PIC X.', '07 C.', '49 D PIC X.', '03 E PIC X.', '02 F PIC X.');
    assert.deepEqual(shownTree(text), [
      '1 R',
      '  3 A',
      '    7 B X',
      '    7 C',
      '      49 D X',
      '  3 E X',
      '  2 F X',
    ]);
  });

  it('reads several records and standalone items', () => {
    const text = fixed('1 A.', '5 X PIC X.', '77 N PIC 9.', '01 B PIC X(3).');
    assert.deepEqual(shownTree(text), ['1 A', '  5 X X', '77 N 9', '1 B X(3)']);
  });

  it('makes one unnamed record of a text without level 01', () => {
    assert.deepEqual(shownTree(fixed('05 A PIC X.', '05 B.', '10 C PIC X.')), [
      '1 -',
      '  5 A X',
      '  5 B',
      '    10 C X',
    ]);
  });

  it('leaves FILLER and unnamed items without a name, and repeated names as they are', () => {
    const text = fixed(
      '01 R.',
      '05 FILLER PIC X.',
      '05 PIC XX.',
      '05 A PIC X.',
      '05 A PIC 9.',
      '05.',
      '10 filler PIC X.',
    );
    assert.deepEqual(shownTree(text), [
      '1 R',
      '  5 - X',
      '  5 - XX',
      '  5 A X',
      '  5 A 9',
      '  5 -',
      '    10 - X',
    ]);
  });

  it('keeps the place of every item', () => {
    const [record] = parseCopybook('000100 01 R.\n\n000300     05 A\n000400        PIC X.').records;
    assert.deepEqual(record?.place, { line: 1, column: 8 });
    assert.deepEqual(record?.children[0]?.place, { line: 3, column: 12 });
  });
});

describe('hostile names', () => {
  it('are names when they are made of letters, digits, hyphens and underscores', () => {
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'N'.repeat(10_000),
      '1-A',
      'GRÖSSE',
      'A_B',
      'hasOwnProperty',
    ];
    const text = fixed('01 R.', ...names.map((name) => `05 ${name} PIC X.`)).replaceAll('\n', '\n ');
    const [record] = parseCopybook(text, { format: 'free' }).records;
    assert.deepEqual(
      record?.children.map(({ name }) => name),
      names,
    );
  });

  it('can be redefined, counted by and searched for', () => {
    const text = fixed(
      '01 R.',
      '05 __proto__ PIC 9.',
      '05 constructor REDEFINES __PROTO__ PIC X.',
      '05 T PIC X OCCURS 1 TO 3 DEPENDING ON __proto__.',
    );
    assert.deepEqual(shownTree(text), [
      '1 R',
      '  5 __proto__ 9',
      '  5 constructor X over __proto__',
      '  5 T X 1..3 by __proto__',
    ]);
  });

  it('are refused with their place when they hold quotes or backticks', () => {
    for (const name of ['A`B', 'A"B', '`+process.exit()+`', 'A\\B', "O'NEIL", 'A\u0000B']) {
      assert.throws(() => parseCopybook(fixed('01 R.', `05 ${name} PIC X.`)), { code: 'copybook-syntax' });
    }
  });
});
