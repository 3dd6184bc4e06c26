import { describe, it } from 'node:test';
import { type Case, check } from './faulty.ts';

const SYMBOLS = '`A B E G N P S U V X Z 9 0 * + - , . / CR DB` and the currency symbol';
const SCALING = '`P` stands left of all digits or right of them, and `V` only beyond it';

const PICTURES: readonly Case[] = [
  [['05 A PIC X‹Q›X.'], `\`Q\` is no symbol of a PICTURE; those are ${SYMBOLS}`],
  [
    ['05 A PIC X‹€›.'],
    `\`€\` is no symbol of a PICTURE; those are ${SYMBOLS}. A currency symbol is declared by CURRENCY SIGN or the option \`currency\``,
  ],
  [['05 A PIC 9.9‹V›9.'], '`V` is a second decimal point'],
  [['05 A PIC Z‹*›9.'], '`*` cannot stand in a PICTURE with `Z`'],
  [['05 A PIC $$‹Z›9.'], '`Z` cannot stand in a PICTURE with `$`'],
  [['05 A PIC 9‹Z›.'], '`Z` cannot stand behind `9`'],
  [['05 A PIC ZZ.Z‹9›.'], '`9` cannot stand behind the decimal point with `Z`'],
  [['05 A PIC ‹S›ZZ9.'], '`S` cannot stand in an edited PICTURE; signs are `+ - CR DB`'],
  [['05 A PIC +99‹-›.'], '`-` is a second sign'],
  [['05 A PIC 99‹CR›9.'], '`CR` stands only at an end of the PICTURE'],
  [['05 A PIC 9‹+›9.'], '`+` stands only at an end of the PICTURE'],
  [['05 A PIC +9‹+›.'], '`+` stands here and, with digits between them, before'],
  [['05 A PIC ++‹$›$9.'], '`+` floats already; `$` cannot float too'],
  [['05 A PIC Z.9‹.›9.'], '`.` is a second decimal point'],
  [['05 A PIC 9‹P›9.'], SCALING],
  [['05 A PIC 99V‹P›.'], SCALING],
  [['05 A PIC ‹S9(39)›.'], 'A number has at most 38 digits, this one has 39'],
  [
    ['05 A PIC ‹9E99›.'],
    'External floating point is a sign, digits with a point, `E`, a sign, and two digits: `+9(3).99E+99`',
  ],
  [['05 A PIC N‹X›.'], '`X` cannot stand in a PICTURE with `N`'],
];

const CLAUSES: readonly Case[] = [
  [['05 A PIC 9.9 ‹USAGE› IS COMP-3.'], 'USAGE COMP-3 needs a number, the PICTURE `9.9` is explicit-point'],
  [['05 A PIC X JUSTIFIED ‹LEFT›.'], 'JUSTIFIED is always RIGHT'],
  [['05 A PIC 9 ‹JUST›.'], 'JUSTIFIED needs a text'],
  [['05 A PIC X ‹BLANK› WHEN ZERO.'], 'BLANK WHEN ZERO needs a number of USAGE DISPLAY or NATIONAL'],
  [['05 A PIC S9 ‹BLANK› WHEN ZERO.'], 'BLANK WHEN ZERO cannot stand with `S`'],
  [['05 A PIC **9 ‹BLANK› WHEN ZERO.'], 'BLANK WHEN ZERO cannot stand with `*`'],
  [['05 A PIC S9 COMP ‹SIGN› LEADING.'], 'SIGN needs a number of USAGE DISPLAY or NATIONAL'],
  [['05 A PIC 9 SIGN ‹SEPARATE›.'], 'SIGN is followed by LEADING or TRAILING'],
  [['05 A ‹PIC› S9 USAGE NATIONAL.'], 'A signed number of USAGE NATIONAL needs SIGN … SEPARATE'],
  [['05 A PIC U(2) ‹BYTE-LENGTH› 10.'], 'BYTE-LENGTH needs the PICTURE `U`'],
  [['05 A PIC 9(6) DATE FORMAT ‹YYMMDD›.'], 'A date pattern is expected: `YYXXXX`'],
  [['05 A PIC X ‹(10)›.'], 'There is no blank in a PICTURE, as in `X(10)`'],
  [['05 A PIC S9(4)‹COMP›.'], 'A blank is missing before `COMP`'],
  [['78 A VALUE (1 + 2‹›.'], '`)` is expected'],
  [['78 A VALUE 1 ‹2›.'], 'A constant ends here: a period is expected'],
  [['78 A VALUE 1', '‹05› B PIC X.'], 'The entry before this level number does not end with a period.'],
  [['05 A PIC 9 ‹COMP-1›.'], 'USAGE COMP-1 takes no PICTURE'],
  [['05 A PIC S9 ‹COMP-6›.'], 'USAGE COMP-6 has no room for a sign (`S`)'],
  [['05 A PIC X ‹NATIONAL›.'], 'USAGE NATIONAL needs `N` or a number, the PICTURE `X` is alphanumeric'],
  [["05 A PIC 9 ‹VALUE› 'A'."], 'The value of a number is a number'],
  [['05 A PIC 9 ‹VALUE› -1.'], 'The PICTURE `9` has no sign, and the value is negative'],
  [
    ['05 A PIC 9V9 ‹VALUE› 10.5.'],
    'The value `10.5` has more digits before the point than the PICTURE `9V9`',
  ],
  [['05 A POINTER ‹VALUE› 1.'], 'The value of USAGE POINTER can only be NULL'],
  [
    ["05 A PIC X ‹VALUE› N'A'."],
    'The value of an item that is alphanumeric cannot be a national or double-byte literal',
  ],
  [["05 A PIC X VALUE ‹X'4'›."], 'A hexadecimal literal has two digits (0 to 9, A to F) for each byte'],
  [['05 A PIC X VALUE ‹ALL› 1.'], 'ALL stands before a text in quotes, not an empty one'],
  [['05 A PIC 9.', "‹88› B VALUE 'X'."], 'The value of a number is a number'],
  [
    ['05 A PIC 9.', '88 B VALUE 1', '‹05› C PIC X.'],
    'The entry before this level number does not end with a period.',
  ],
  [
    ['01 R.', '05 A PIC X.', '66 B RENAMES ‹C›.'],
    'The item `C` stands nowhere before it in the record. Did you mean "R"?',
  ],
  [['‹66› B RENAMES C.'], 'A level 66 needs a record before it'],
  [
    ['05 N PIC 9.', '05 N PIC 9.', '05 A PIC X OCCURS 3 DEPENDING ON ‹N›.'],
    'The counter `N` may be more than one item (lines 1 and 2): say OF which group',
  ],
  [
    ['05 N PIC 9.', '05 A PIC X OCCURS 3 DEPENDING ON ‹N› OF G.'],
    'The counter `N OF G` stands nowhere before it in the record.',
  ],
  [
    ['05 G OCCURS 2.', '10 N PIC 9.', '05 A PIC X OCCURS 3 DEPENDING ON ‹N›.'],
    'The counter `N` in line 2 stands in the table `G`, so there are many of it',
  ],
  [['01 M TYPEDEF PIC X.', '01 R.', '05 A ‹TYPE› N.'], 'No type `N` stands before it. Did you mean "M"?'],
  [
    ['05 A PIC X OCCURS ‹MANY› TIMES.'],
    'The number of occurrences is expected: a whole number of at most nine digits',
  ],
  [
    ['01 R.', '05 A PIC X.', 'LINKAGE SECTION.', '‹05› B PIC X.'],
    'This item belongs to no record: put a 01 before it',
  ],
  [['01 R.', '05 A PIC X.', '‹FD› F'], 'This file description does not end with a period'],
];

const UNSUPPORTED: readonly Case[] = [
  [['05 A PIC X ‹DYNAMIC› LENGTH.'], 'The clause DYNAMIC LENGTH is not supported'],
  [['05 A PIC X ‹ANY› LENGTH.'], 'The clause ANY LENGTH is not supported'],
  [['05 A ‹FLOAT-DECIMAL-16›.'], 'USAGE FLOAT-DECIMAL-16 is not supported'],
  [['05 A USAGE ‹SQL› TYPE IS CLOB(1M).'], 'USAGE SQL TYPE is not supported'],
  [
    ['05 A PIC X OCCURS 1 TO ‹UNBOUNDED› DEPENDING ON N.'],
    'OCCURS UNBOUNDED, a table without a greatest size, is not supported',
  ],
  [["05 A PIC X VALUE ‹B'01'›."], 'A literal with the prefix `B` is not supported'],
  [['78 A VALUE ‹NEXT›.'], 'A constant of NEXT is not supported'],
  [['78 A VALUE 1 ‹/› 2.'], 'A constant that is computed so is not supported'],
  [['‹EXEC› CICS X END-EXEC.'], 'EXEC CICS in a DATA DIVISION is not supported'],
];

describe('a PICTURE that is wrong shows the symbol', () => {
  for (const each of PICTURES) it(each[0].join(' | '), () => check(each, 'copybook-syntax'));
});

describe('clauses that do not go together are refused', () => {
  for (const each of CLAUSES) it(each[0].join(' | '), () => check(each, 'copybook-syntax'));
});

describe('what has no known bytes is refused by name, never skipped', () => {
  for (const each of UNSUPPORTED) it(each[0].join(' | '), () => check(each, 'copybook-unsupported'));
});
