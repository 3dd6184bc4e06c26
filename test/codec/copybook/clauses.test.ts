import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { fixed, itemOf, shownTree } from './shown.ts';

describe('PICTURE', () => {
  const pictures: readonly (readonly [string, string, number, number, number, boolean])[] = [
    ['X', 'alphanumeric', 1, 0, 0, false],
    ['X(10)', 'alphanumeric', 10, 0, 0, false],
    ['xx(2)x', 'alphanumeric', 4, 0, 0, false],
    ['A(3)', 'alphabetic', 3, 0, 0, false],
    ['A9X', 'alphanumeric', 3, 0, 0, false],
    ['A(2)9(3)', 'alphanumeric', 5, 0, 0, false],
    ['9', 'numeric', 1, 1, 0, false],
    ['9(08)', 'numeric', 8, 8, 0, false],
    ['S9(9)V99', 'numeric', 11, 11, 2, true],
    ['s9(9)v9(2)', 'numeric', 11, 11, 2, true],
    ['SV9(7)', 'numeric', 7, 7, 7, true],
    ['9(5)V', 'numeric', 5, 5, 0, false],
    ['9(18)', 'numeric', 18, 18, 0, false],
  ];
  for (const [text, category, positions, digits, scale, signed] of pictures) {
    it(`${text} is ${category} with ${positions} positions, ${digits} digits, scale ${scale}`, () => {
      assert.deepEqual(itemOf(`05 A PIC ${text}.`).picture, {
        text,
        category,
        positions,
        digits,
        scale,
        signed,
      });
    });
  }

  it('may be spelled PIC, PICTURE, and with IS', () => {
    for (const clause of ['PIC X(3)', 'PIC IS X(3)', 'PICTURE X(3)', 'picture is X(3)']) {
      assert.equal(itemOf(`05 A ${clause}.`).picture?.positions, 3);
    }
  });

  it('keeps a decimal point inside and gives the last point to the entry', () => {
    assert.deepEqual(shownTree(fixed('05 A PIC 9(3).99.', '05 B PIC 9.')), [
      '1 -',
      '  5 A 9(3).99',
      '  5 B 9',
    ]);
  });
});

describe('USAGE', () => {
  const words: Readonly<Record<string, string>> = {
    DISPLAY: 'display',
    COMP: 'comp',
    COMPUTATIONAL: 'comp',
    'COMP-4': 'comp',
    'COMPUTATIONAL-4': 'comp',
    BINARY: 'comp',
    'COMP-3': 'comp-3',
    'COMPUTATIONAL-3': 'comp-3',
    'PACKED-DECIMAL': 'comp-3',
    'packed-decimal': 'comp-3',
    'COMP-0': 'comp',
    'COMP-5': 'comp-5',
    'COMPUTATIONAL-5': 'comp-5',
    'COMP-6': 'comp-6',
    'COMP-9': 'comp-9',
    'COMP-N': 'comp-n',
    'COMP-X': 'comp-x',
    'COMPUTATIONAL-X': 'comp-x',
    NATIONAL: 'national',
  };
  for (const [word, usage] of Object.entries(words)) {
    it(`${word} is ${usage}, with and without USAGE and IS, before and behind the PICTURE`, () => {
      for (const clauses of [
        `PIC 9 ${word}`,
        `PIC 9 USAGE ${word}`,
        `USAGE IS ${word} PIC 9`,
        `${word} PIC 9`,
      ]) {
        assert.equal(itemOf(`05 A ${clauses}.`).usage, usage);
      }
    });
  }

  const alone: Readonly<Record<string, string>> = {
    'COMP-1': 'comp-1',
    'COMPUTATIONAL-1': 'comp-1',
    'FLOAT-SHORT': 'comp-1',
    'COMP-2': 'comp-2',
    'FLOAT-LONG': 'comp-2',
    INDEX: 'index',
    POINTER: 'pointer',
    'POINTER-32': 'pointer-32',
    'FUNCTION-POINTER': 'function-pointer',
    'PROCEDURE-POINTER': 'procedure-pointer',
    'PROGRAM-POINTER': 'procedure-pointer',
    'OBJECT REFERENCE': 'object-reference',
  };
  for (const [word, usage] of Object.entries(alone)) {
    it(`${word} is ${usage}, without a PICTURE`, () => {
      for (const clauses of [word, `USAGE ${word}`, `USAGE IS ${word}`]) {
        const { usage: read, picture, signed } = itemOf(`05 A ${clauses}.`);
        assert.deepEqual([read, picture, signed], [usage, undefined, undefined]);
      }
    });
  }

  it('BINARY-LONG and the like are signed unless they are UNSIGNED', () => {
    const signs: Readonly<Record<string, readonly [string, boolean]>> = {
      'BINARY-CHAR': ['binary-char', true],
      'BINARY-SHORT SIGNED': ['binary-short', true],
      'BINARY-LONG UNSIGNED': ['binary-long', false],
      'USAGE IS BINARY-DOUBLE UNSIGNED': ['binary-double', false],
      'UNSIGNED-INT': ['binary-long', false],
      'SIGNED-SHORT': ['binary-short', true],
    };
    for (const [clause, expected] of Object.entries(signs)) {
      const { usage, signed } = itemOf(`05 A ${clause}.`);
      assert.deepEqual([usage, signed], expected);
    }
  });

  it('is national for PIC N, display-1 for PIC G, utf-8 for PIC U, and double-byte for PIC N DISPLAY-1', () => {
    const read = ['N(3)', 'G(3)', 'U(3)', 'N(3) DISPLAY-1'].map((clauses) => {
      const { usage, picture } = itemOf(`05 A PIC ${clauses}.`);
      return `${usage} ${picture?.category} ${picture?.positions}`;
    });
    assert.deepEqual(read, ['national national 3', 'display-1 dbcs 3', 'utf-8 utf-8 3', 'display-1 dbcs 3']);
  });

  it('COMP-5 and COMP-X may have PIC X: an integer of so many bytes', () => {
    assert.equal(itemOf('05 A PIC X(2) COMP-X.').picture?.category, 'alphanumeric');
    assert.equal(itemOf('05 A PIC XX COMP-5.').usage, 'comp-5');
  });

  it('GROUP-USAGE NATIONAL is the usage of everything below', () => {
    const text = fixed('01 R GROUP-USAGE NATIONAL.', '05 A PIC 9(4).', '05 B PIC N(2).');
    assert.deepEqual(shownTree(text), ['1 R national', '  5 A 9(4) national', '  5 B N(2) national']);
  });

  it('of a group holds for everything below it', () => {
    assert.deepEqual(
      shownTree(fixed('01 R.', '05 G COMP-3.', '10 A PIC 9.', '10 H.', '15 B PIC 9 COMP-3.', '05 C PIC 9.')),
      ['1 R', '  5 G comp-3', '    10 A 9 comp-3', '    10 H comp-3', '      15 B 9 comp-3', '  5 C 9'],
    );
  });
});

describe('OCCURS', () => {
  it('has a fixed number, with or without TIMES', () => {
    assert.deepEqual(itemOf('05 A PIC X OCCURS 3 TIMES.').occurs, { min: 3, max: 3 });
    assert.deepEqual(itemOf('05 A OCCURS 12 PIC X.').occurs, { min: 12, max: 12 });
  });

  it('depends on an integer before it, whose name is given as it was declared', () => {
    const text = fixed(
      '01 R.',
      '05 Cnt PIC 9(3) COMP-3.',
      '05 T OCCURS 0 TO 80 TIMES DEPENDING ON CNT PIC X.',
    );
    assert.deepEqual(shownTree(text), ['1 R', '  5 Cnt 9(3) comp-3', '  5 T X 0..80 by Cnt']);
  });

  it('without TO has at least one occurrence when it depends on a counter', () => {
    const text = fixed('01 R.', '05 N PIC 9.', '05 T PIC X OCCURS 9 DEPENDING N.');
    assert.deepEqual(shownTree(text), ['1 R', '  5 N 9', '  5 T X 1..9 by N']);
  });

  it('may depend on an item of another group, qualified where its name stands twice', () => {
    const text = fixed(
      '01 R.',
      '05 Head.',
      '10 In-Lines.',
      '15 N PIC 9.',
      '05 FOOT.',
      '10 N PIC 9.',
      '05 T PIC X OCCURS 1 TO 5 DEPENDING ON N OF HEAD IN R.',
    );
    const table = parseCopybook(text).records[0]?.children[2];
    const place = { line: 7, column: 46 };
    assert.deepEqual(table?.occurs, { min: 1, max: 5, dependingOn: { name: 'N', of: ['Head', 'R'], place } });
  });

  it('may depend on a counter in the same element of an outer table, on BINARY-LONG, and on P left of the point', () => {
    const text = fixed(
      '01 R.',
      '05 G OCCURS 3.',
      '10 N BINARY-LONG.',
      '10 T PIC X OCCURS 0 TO 5 DEPENDING ON N.',
      '10 TENS PIC 9P.',
      '10 U PIC X OCCURS 10 TO 90 DEPENDING ON TENS.',
    );
    assert.equal(shownTree(text).length, 6);
  });

  it('may have one number only before and behind TO', () => {
    assert.deepEqual(itemOf('05 A PIC X OCCURS 3 TO 3 TIMES.').occurs, { min: 3, max: 3 });
  });

  it('may name keys and indexes, which say nothing about bytes, and go on with other clauses', () => {
    const keys = 'ASCENDING KEY IS K, L DESCENDING M';
    const clauses = `OCCURS 5 TIMES\n${fixed(keys, 'INDEXED BY I-1 I-2 PIC 9 COMP')}`;
    const item = itemOf(`05 T ${clauses}.`);
    assert.deepEqual([item.occurs, item.usage, item.picture?.text], [{ min: 5, max: 5 }, 'comp', '9']);
  });
});

describe('REDEFINES', () => {
  it('names the item before it, not counting other redefinitions of it', () => {
    const text = fixed(
      '01 R.',
      '05 A PIC X(4).',
      '05 B REDEFINES A PIC 9(4).',
      '05 FILLER REDEFINES a.',
      '10 C PIC XX.',
      '05 D REDEFINES B PIC X.',
    );
    assert.deepEqual(shownTree(text), [
      '1 R',
      '  5 A X(4)',
      '  5 B 9(4) over A',
      '  5 - over A',
      '    10 C XX',
      '  5 D X over B',
    ]);
  });

  it('of a repeated name means the nearest', () => {
    const text = fixed('01 R.', '05 A PIC X.', '05 A PIC XX.', '05 B REDEFINES A PIC 9.');
    assert.equal(parseCopybook(text).records[0]?.children[2]?.redefines, 'A');
  });

  it('may stand on level 01', () => {
    assert.deepEqual(shownTree(fixed('01 A PIC X(4).', '01 B REDEFINES A.', '05 C PIC 9(4).')), [
      '1 A X(4)',
      '1 B over A',
      '  5 C 9(4)',
    ]);
  });
});

describe('VALUE', () => {
  const literals: readonly (readonly [string, object])[] = [
    ["'it''s'", { kind: 'text', text: "it's" }],
    ['"say ""a"""', { kind: 'text', text: 'say "a"' }],
    ["''", { kind: 'text', text: '' }],
    ["'05 B. PIC ; *> X'", { kind: 'text', text: '05 B. PIC ; *> X' }],
    ['12', { kind: 'number', text: '12' }],
    ['-1.50', { kind: 'number', text: '-1.50' }],
    ['.5', { kind: 'number', text: '.5' }],
    ['ZEROES', { kind: 'figurative', word: 'zero' }],
    ['spaces', { kind: 'figurative', word: 'space' }],
    ['LOW-VALUES', { kind: 'figurative', word: 'low-value' }],
    ['HIGH-VALUE', { kind: 'figurative', word: 'high-value' }],
    ['QUOTE', { kind: 'figurative', word: 'quote' }],
    ['NULLS', { kind: 'figurative', word: 'null' }],
    ['ALL SPACES', { kind: 'figurative', word: 'space' }],
    ["ALL '*-'", { kind: 'all', of: { kind: 'text', text: '*-' } }],
    ["ALL x'0f'", { kind: 'all', of: { kind: 'hex', hex: '0F' } }],
    ["X'c1F0'", { kind: 'hex', hex: 'C1F0' }],
    ['x"00" & X"ff"', { kind: 'hex', hex: '00FF' }],
    ["'AB' & 'CD'", { kind: 'text', text: 'ABCD' }],
    ["Z'AB'", { kind: 'text', text: 'AB\u0000' }],
    ["U'AB'", { kind: 'text', text: 'AB' }],
    ["H'1F'", { kind: 'number', text: '31' }],
  ];
  for (const [written, literal] of literals) {
    it(`${written} is ${JSON.stringify(literal)}`, () => {
      assert.deepEqual(itemOf(`05 A PIC X VALUE ${written}.`).value, literal);
      assert.deepEqual(itemOf(`05 A VALUE IS ${written} PIC X.`).value, literal);
    });
  }
});

describe('level 88', () => {
  it('belongs to the item before it and holds values and ranges', () => {
    const text = fixed(
      '01 R.',
      '05 A PIC X.',
      "88 YES VALUE 'Y'.",
      "88 LETTER VALUES ARE 'A' THRU 'I', 'J' THROUGH 'R' SPACE.",
      '05 B PIC 99.',
      '   88 LOW VALUE 1 THRU 9 20.',
    );
    const [a, b] = parseCopybook(text).records[0]?.children ?? [];
    const place = (line: number, column: number) => ({ line, column });
    assert.deepEqual(a?.conditions, [
      { name: 'YES', values: [{ from: { kind: 'text', text: 'Y' } }], place: place(3, 8) },
      {
        name: 'LETTER',
        values: [
          { from: { kind: 'text', text: 'A' }, to: { kind: 'text', text: 'I' } },
          { from: { kind: 'text', text: 'J' }, to: { kind: 'text', text: 'R' } },
          { from: { kind: 'figurative', word: 'space' } },
        ],
        place: place(4, 8),
      },
    ]);
    assert.deepEqual(b?.conditions, [
      {
        name: 'LOW',
        values: [
          { from: { kind: 'number', text: '1' }, to: { kind: 'number', text: '9' } },
          { from: { kind: 'number', text: '20' } },
        ],
        place: place(6, 11),
      },
    ]);
  });
});
