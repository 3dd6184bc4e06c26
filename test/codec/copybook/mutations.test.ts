import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { Fault } from '../../../src/fault.ts';
import { type Random, random } from '../../random.ts';

const COPYBOOK = `000100* customers
000200 01  CUSTOMER-RECORD.
000300     05  CUST-ID                 PIC 9(9).
000400     05  CUST-NAME.                                                   CHANGED
000500         10  FIRST-NAME          PIC X(25) VALUE SPACES.
000600         10  LAST-NAME           PIC X(25) VALUE 'IT''S "SO"'.
000700     05  STATUS-CODE             PIC X.
000800         88  ACTIVE              VALUE 'A' THRU 'I', 'Z'.
000900         88  CLOSED              VALUES ARE 'X' LOW-VALUES.
001000     05  BALANCE                 PIC S9(7)V99 USAGE IS COMP-3.
001100     05  BALANCE-TEXT REDEFINES BALANCE PIC X(5).
001200     05  RATE                    PICTURE IS 9(3).9(2).
001300     05  ACCOUNTS                PIC S9(4) BINARY.
001400     05  ACCOUNT OCCURS 0 TO 12 TIMES DEPENDING ON ACCOUNTS
001450         INDEXED BY A-IX.
\t\t10  ACCOUNT-NO\tPIC 9(11). *> a number
001600     05  FILLER                  PIC X(10).
001700 77  TOTAL PIC S9(9) COMP.
`;
const PROGRAM = `       IDENTIFICATION DIVISION.
       PROGRAM-ID. P.
       ENVIRONMENT DIVISION.
       SPECIAL-NAMES. DECIMAL-POINT IS COMMA CURRENCY SIGN IS 'F'.
       DATA DIVISION.
       FILE SECTION.
       FD F RECORD CONTAINS 80.
       01 R SIGN TRAILING SEPARATE.
          COPY A REPLACING ==:T:== BY ==N== LEADING ==X-== BY ==Y-==.
          05 E PIC $$$.$$9,99- BLANK WHEN ZERO.
          05 T OCCURS 1 TO 5 DEPENDING ON N OF R INDEXED BY I.
             10 V PIC S9(5)PPP SYNC VALUE ALL
              ZEROS.
             10 W PIC X(30) JUST VALUE 'long
      -    'er'.
          66 Q RENAMES E THRU T.
       >>DEFINE V AS 2
       >>IF V = 2 AND (W IS NOT DEFINED OR NOT V > 1)
       01 M TYPEDEF PIC +9(3),9E+99.
       >>ELSE
       01 M TYPEDEF PIC X.
       >>END-IF
       >>EVALUATE V + 1
       >>WHEN 1 THRU 3
       78 C VALUE (1 + 2) * 3 / 3.
       >>WHEN OTHER
       78 C VALUE 4.
       >>END-EVALUATE
       REPLACE ALSO ==Z== BY ==ZZ==.
       >>SOURCE FREE
       LINKAGE SECTION.
       01 L. 05 F TYPE M. 05 G PIC N(C) VALUE NX'00410042'.
       88 H VALUES X'00' THRU X'FF' WHEN FALSE SPACE.
       EXEC SQL DECLARE X TABLE END-EXEC.
       PROCEDURE DIVISION.
`;
const PARTS =
  '.|,|;|\'|"|(|)|:|-|*>|*|/|\n|\r\n|\t|\0|\u001a|\u{1f4be}|\ud800|01|05|10|66|77|88|0|99999999999|PIC|X|S9V9|P|Z|VALUE|THRU|OCCURS|TO|' +
  'DEPENDING|ON|INDEXED|BY|REDEFINES|COMP|==|BY|REPLACING|REPLACE|OFF|LEADING|:T:|TYPEDEF|TYPE|RENAMES|>>|$SET|"-|SIGN|E+99|Z(4)|CR|N\'|SECTION|EXEC SQL|COMP-3|USAGE|IS|FILLER|__proto__|COPY|CUST-ID|ACCOUNTS|ALL|ZERO|\n>>IF |\n>>ELSE|\n>>END-IF|\n$END|NOT|DEFINED|AND|+|\n-INC | ';

function mutate(text: string, rng: Random): string {
  const parts = PARTS.split('|');
  let mutated = text;
  for (let n = rng.int(4) + 1; n > 0; n--) {
    const at = rng.int(mutated.length + 1);
    const to = Math.min(mutated.length, at + rng.int(rng.chance(0.1) ? 400 : 12));
    const put = rng.chance(0.3)
      ? ''
      : rng.chance(0.2)
        ? mutated.slice(rng.int(mutated.length + 1)).slice(0, rng.int(200))
        : rng.pick(parts).repeat(rng.chance(0.05) ? 50 : 1);
    mutated = mutated.slice(0, at) + put + mutated.slice(rng.chance(0.5) ? to : at);
  }
  return mutated;
}

/** What COPY brings in; it may copy itself. */
const COPIED = [
  '05 N PIC 9.\n05 X-A PIC :T:.\n',
  '       05 :T: PIC 9(3).\n       05 B PIC X.',
  'COPY A.\nCOPY B.',
  '',
];

for (const [what, original, runs] of [
  ['copybook', COPYBOOK, 4_000],
  ['program', PROGRAM, 4_000],
] as const) {
  it(`a damaged ${what} is read or refused with a Fault at a place inside it, and never anything else`, () => {
    const rng = random(20_261);
    let read = 0;
    let refused = 0;
    for (let n = 0; n < runs; n++) {
      const text = mutate(original, rng);
      const copied = new Map<string, string>();
      const copy = (name: string) => {
        const found =
          copied.get(name) ?? (rng.chance(0.3) ? mutate(rng.pick(COPIED), rng) : rng.pick(COPIED));
        copied.set(name, found);
        return { text: found, file: `copied ${name}` };
      };
      try {
        parseCopybook(text, { copy });
        read++;
      } catch (error) {
        assert.ok(error instanceof Fault, `mutation ${n} threw ${String(error)}`);
        const place = /^(?:copied (.*), )?line (\d+), column (\d+): /s.exec(error.message);
        const [, file, line = '', column = ''] = place ?? [];
        const lines = (file === undefined ? text : (copied.get(file) ?? '')).split(/\r\n|\n|\r/);
        const length = lines[Number(line) - 1]?.length ?? -1;
        assert.ok(Number(column) >= 1 && Number(column) <= length + 1, `mutation ${n}: ${error.message}`);
        refused++;
      }
    }
    // Both ways are taken, or the mutations test nothing.
    assert.ok(read > 20 && refused > 1_000, `${read} read, ${refused} refused`);
  });
}

it('long and repetitive texts are read in time', () => {
  const many = `01 R.\n${' 05 A PIC X.\n'.repeat(20_000)}`;
  assert.equal(parseCopybook(many).records[0]?.children.length, 20_000);
  for (const part of [
    "'",
    '"',
    '.',
    ',',
    ';',
    '(',
    'X',
    ' ',
    '\t',
    "''",
    '.,',
    'A;',
    ':',
    '9V',
    '*',
    '=',
    '==',
    '(X)',
    'A,',
    'Z',
    '+',
    '$',
    'P',
    "X'",
    '& ',
    'A OF ',
    '-',
    '\n      -',
  ]) {
    const started = performance.now();
    try {
      parseCopybook(`01 R.\n 05 A PIC ${part.repeat(100_000)}`);
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
    }
    assert.ok(performance.now() - started < 2_000, `${JSON.stringify(part)} takes too long`);
  }
});
