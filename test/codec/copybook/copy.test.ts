import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { copyLibrary } from '../../../src/codec/copybook/library.ts';
import { type ParseCopybookOptions, parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { faultOf } from './faulty.ts';
import { fixed, shown } from './shown.ts';

/** A library of texts by name, in fixed format. */
function library(texts: Readonly<Record<string, readonly string[]>>): ParseCopybookOptions {
  return {
    copy(name, from) {
      const text = texts[from === undefined ? name : `${from}/${name}`];
      return text === undefined ? undefined : { text: fixed(...text), file: `${name}.cpy` };
    },
  };
}

function treeOf(lines: readonly string[], options: ParseCopybookOptions): readonly string[] {
  return shown(parseCopybook(fixed(...lines), options));
}

const ADDRESS = ['05 :TAG:-STREET PIC X(20).', '05 :TAG:-ZIP PIC 9(:LEN:).'];

describe('COPY', () => {
  it('brings in a text, nested, of a library, by a literal, and SUPPRESS says nothing', () => {
    const options = library({
      A: ['05 A PIC X.', 'COPY B OF LIB SUPPRESS.', '05 D PIC X.'],
      'LIB/B': ['05 B PIC X.', "COPY 'c.txt'."],
      'c.txt': ['05 C PIC X.'],
    });
    assert.deepEqual(treeOf(['01 R.', 'COPY A.', '05 E PIC X.'], options), [
      '1 R',
      '  5 A X',
      '  5 B X',
      '  5 C X',
      '  5 D X',
      '  5 E X',
    ]);
  });

  it('may stand inside an entry, and EXEC SQL INCLUDE is COPY', () => {
    const options = library({ P: ['PIC X(3)'], Q: ['05 B PIC 9.'] });
    assert.deepEqual(treeOf(['01 R.', '05 A COPY P. .', 'EXEC SQL INCLUDE Q END-EXEC.'], options), [
      '1 R',
      '  5 A X(3)',
      '  5 B 9',
    ]);
  });

  it('keeps the file of every place but those of the first text', () => {
    const [record] = parseCopybook(fixed('01 R.', 'COPY A.'), library({ A: ['', '05 A PIC X.'] })).records;
    assert.deepEqual(record?.place, { line: 1, column: 8 });
    assert.deepEqual(record?.children[0]?.place, { line: 2, column: 8, file: 'A.cpy' });
  });

  it('detects the format of each text by itself', () => {
    const copy = () => ({ text: '05 A PIC X.\n05 B PIC X.', file: 'free.cpy' });
    assert.deepEqual(treeOf(['01 R.', 'COPY A.'], { copy }), ['1 R', '  5 A X', '  5 B X']);
  });

  it('of an unknown text is a fault at its name', () => {
    const found = faultOf(fixed('01 R.', 'COPY A OF LIB.'), { ...library({}), file: 'main.cbl' });
    assert.equal(found.code, 'copybook-missing');
    assert.match(found.message, /^main\.cbl, line 2, column 13: COPY `A OF LIB`: no such text was found\n/);
    assert.match(faultOf(fixed('COPY A.')).message, /no folder of copybooks is given/);
  });

  it('shows the line of the copied file, and the COPYs that led there', () => {
    const options = { ...library({ A: ['COPY B.'], B: ['', '05 X PCI X.'] }), file: 'main.cbl' };
    assert.equal(
      faultOf(fixed('01 R.', '  COPY A.'), options).message,
      [
        'B.cpy, line 2, column 13: `PCI` begins no clause of a data description entry. Did you mean "PIC"?',
        '       05 X PCI X.',
        '            ^',
        'copied at A.cpy, line 1, column 8',
        'copied at main.cbl, line 2, column 10',
      ].join('\n'),
    );
  });

  it('of a text that copies itself is a fault that shows the chain', () => {
    const options = { ...library({ A: ['COPY B.'], B: ['COPY A.'] }), file: 'main.cbl' };
    assert.match(
      faultOf(fixed('COPY A.'), options).message,
      /^B\.cpy, line 1, column 8: `A\.cpy` copies itself: A\.cpy → B\.cpy → A\.cpy\n/,
    );
  });

  it('that grows without end is a fault', () => {
    const texts: Record<string, readonly string[]> = { L20: ['05 A PIC X.'] };
    for (let n = 0; n < 20; n++) texts[`L${n}`] = [`COPY L${n + 1}.`, `COPY L${n + 1}.`];
    assert.equal(faultOf(fixed('COPY L0.'), library(texts)).code, 'copybook-limit');
  });

  it('without a period is a fault', () => {
    const fault = faultOf(fixed('COPY A', '01 R PIC X.'), library({ A: [] }));
    assert.match(
      fault.message,
      /^line 2, column 8: The COPY statement does not end with a period before `01`/,
    );
  });
});

describe('REPLACING', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['==:TAG:== BY ==SHIP== ==:LEN:== BY ==5==', ADDRESS, ['SHIP-STREET X(20)', 'SHIP-ZIP 9(5)']],
    [
      '==:tag:-street== BY ==A== ==:TAG:== BY ==B== 9 BY X ==:LEN:== BY 7',
      ADDRESS,
      ['A X(20)', 'B-ZIP X(7)'],
    ],
    ['==(T)== BY ==NEW==', ['05 (T)-A PIC X.', '05 B(T) PIC X.'], ['NEW-A X', 'BNEW X']],
    ['OLD BY NEW', ['05 OLD PIC X.', '05 OLD-A PIC X.'], ['NEW X', 'OLD-A X']],
    ['LEADING ==OLD-== BY ==NEW-==', ['05 OLD-A PIC X.', '05 B-OLD- PIC X.'], ['NEW-A X', 'B-OLD- X']],
    ['LEADING ==OLD-== BY ====', ['05 OLD-A PIC X.'], ['A X']],
    ['TRAILING ==-OLD== BY ==-N==', ['05 A-OLD PIC X.', '05 B PIC X.'], ['A-N X', 'B X']],
    ['LEADING ==:T:== BY ==N==', ['05 :T:-A PIC X(2).'], ['N-A X(2)']],
    ['==PIC X(3)== BY ==PIC 9(4) COMP==', ['05 A PIC   X(3).'], ['A 9(4) comp']],
    ['==05 B PIC X.== BY ====', ['05 A PIC X.', '05 B', 'PIC X.', '05 C PIC X.'], ['A X', 'C X']],
    ['==X== BY ==A== X BY B', ['05 F PIC X.'], ['F A']],
    ['A OF G BY N', ['05 N PIC 9.', '05 T PIC X OCCURS 3 DEPENDING ON A OF G.'], ['N 9', 'T X 1..3 by N']],
    ["'A' BY 'B' , ==Y== BY ==Z==", ["05 Y PIC X VALUE 'A'."], ['Z X']],
  ];
  for (const [phrase, text, expected] of cases) {
    it(`${phrase} in ${text.join(' ')}`, () => {
      const lines = ['01 R.', ...folded(`COPY A REPLACING ${phrase}.`)];
      const read = treeOf(lines, library({ A: text }));
      for (const [i, item] of expected.entries())
        assert.match(read[i + 1] ?? '', new RegExp(`^  5 ${RegExp.escape(item)}`));
    });
  }

  it('holds for what the copied text copies, whose own REPLACING comes first', () => {
    const options = library({
      A: ['COPY B REPLACING ==:T:== BY ==IN==.', '05 :T:-A PIC X.', 'COPY :T:.'],
      B: ['05 :T:-B PIC X.', '05 :U:-B PIC X.'],
      OUT: ['05 C PIC X.'],
    });
    const lines = ['01 R.', 'COPY A REPLACING ==:T:== BY ==OUT== ==:U:== BY ==TOP==.'];
    assert.deepEqual(treeOf(lines, options), ['1 R', '  5 IN-B X', '  5 TOP-B X', '  5 OUT-A X', '  5 C X']);
  });

  it('of the option `replacing` reads a copybook that is written to be copied', () => {
    const read = treeOf(['01 :TAG:.', ...ADDRESS], { replacing: { ':TAG:': 'CUST', ':LEN:': '5' } });
    assert.deepEqual(read, ['1 CUST', '  5 CUST-STREET X(20)', '  5 CUST-ZIP 9(5)']);
  });

  it('shows a fault in what was put in where it was put in', () => {
    const fault = faultOf(
      fixed('01 R.', 'COPY A REPLACING ==:P:== BY ==PCI==.'),
      library({ A: ['05 A :P: X.'] }),
    );
    assert.match(fault.message, /^A\.cpy, line 1, column 13: `PCI` begins no clause/);
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['==A BY B', 'This pseudo-text does not end with `==`'],
    ['==== BY ==B==', 'The text to be replaced is empty'],
    ['A B', 'BY and what is put in place of the text are expected'],
    ['', 'A word, a literal or pseudo-text'],
  ];
  for (const [phrase, message] of wrong) {
    it(`${phrase} is a fault: ${message}`, () => {
      assert.ok(faultOf(fixed(`COPY A REPLACING ${phrase}.`), library({})).message.includes(message));
    });
  }
});

/** A line of fixed format is 72 columns long. */
function folded(line: string): readonly string[] {
  const at = line.length > 60 ? line.lastIndexOf(' ', 60) : -1;
  return at < 0 ? [line] : [line.slice(0, at), ...folded(line.slice(at + 1))];
}

describe('REPLACE', () => {
  it('holds to the next REPLACE, ALSO adds, LAST OFF takes back, OFF ends', () => {
    const lines = [
      '01 R.',
      '05 A-1 PIC X.',
      'REPLACE LEADING ==A== BY ==B==.',
      '05 A-2 PIC X.',
      'REPLACE ALSO ==9== BY ==X==.',
      '05 A-3 PIC 9.',
      'REPLACE LAST OFF.',
      '05 A-4 PIC 9.',
      'COPY C.',
      'REPLACE ==Z== BY ==Y==.',
      '05 A-6 PIC X.',
      'REPLACE OFF.',
      '05 Z PIC X.',
    ];
    assert.deepEqual(treeOf(lines, library({ C: ['05 A-5 PIC X.'] })), [
      '1 R',
      '  5 A-1 X',
      '  5 B-2 X',
      '  5 B-3 X',
      '  5 B-4 9',
      '  5 B-5 X',
      '  5 A-6 X',
      '  5 Z X',
    ]);
  });
});

describe('the library', () => {
  const folders: Readonly<Record<string, readonly string[]>> = {
    src: ['Cust.CPY', 'acct', 'acct.cbl', 'LIB'],
    'src/LIB': ['cust.cpy', 'sub'],
    'src/LIB/sub': ['deep.cob'],
    'other/copy': ['CUST', 'only.copy'],
  };
  const find = copyLibrary(['src', 'other/copy'], {
    list: (folder) => folders[folder],
    read: (path) => path,
  });
  const found = (name: string, library?: string) => find(name, library)?.file;

  it('takes names in any case, the first folder before others, the likeliest extension first', () => {
    assert.deepEqual(
      [found('CUST'), found('ACCT'), found('only'), found('acct.CBL'), found('NONE')],
      ['src/Cust.CPY', 'src/acct', 'other/copy/only.copy', 'src/acct.cbl', undefined],
    );
  });

  it('takes OF LIB for a folder of that name, below a folder or one of them', () => {
    assert.deepEqual(
      [found('CUST', 'lib'), found('CUST', 'COPY'), found('DEEP', 'LIB'), found('lib/sub/deep')],
      ['src/LIB/cust.cpy', 'other/copy/CUST', undefined, 'src/LIB/sub/deep.cob'],
    );
  });

  it('never looks above its folders', () => {
    assert.deepEqual(
      [found('../secret'), found('..'), found('x', '..'), found('')],
      [undefined, undefined, undefined, undefined],
    );
  });
});
