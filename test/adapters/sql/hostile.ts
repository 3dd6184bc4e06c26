// What an attacker, a bad import or a strange database may send: values of every kind and names, for every SQL product.

import type { Scalar, Value } from '#spi';

/** Texts that mean something to a database, a driver, a template or a decoder where they are not bound as they stand. */
export const TEXTS: readonly string[] = [
  '',
  ' ',
  '  ',
  "'",
  "''",
  '"',
  '`',
  '\\',
  "\\'",
  '\\\\',
  "' or '1'='1",
  '" or ""="',
  "'; drop table victim; --",
  '`; drop table victim; #',
  '"; drop table victim; --',
  '];--',
  ']]; delete from victim --',
  "x'; exec xp_cmdshell('dir'); --",
  "' union select null, version() --",
  '/* comment */',
  '/*! 50000 select */',
  '--',
  '#',
  ';',
  '$1',
  '$1::text',
  '$$',
  '$tag$',
  ':1',
  ':name',
  '@p1',
  '@@version',
  '?',
  '??',
  '%s',
  '{0}',
  '%',
  '%_',
  '_',
  '[a-z]%',
  '*',
  '|',
  '||',
  '\\%',
  'a%b_c\\d',
  "concat('a')",
  'null',
  'NULL',
  'true',
  '0',
  '1e3',
  '0x41',
  '00',
  '-0',
  '9'.repeat(80),
  '\t',
  '\n',
  '\r\n',
  '\u001a',
  '\u0008',
  '\u007f',
  '\u0085',
  '\u00a0',
  // Quotes that a code page may turn into real ones.
  '\u2018; drop table victim --',
  '\u2019',
  '\uff07 or 1=1',
  '\u02bc',
  '\uff02',
  '\u2032',
  '\uff1b\uff0d\uff0d',
  // Bytes that end in a quote or a backslash in GBK, Big5 and Shift-JIS.
  '\u7e17',
  '\u8a31',
  '\u30bd',
  // Right to left, invisible, composed, beyond 16 bits.
  '\u05d0\u05d1',
  '\u202eabc',
  'a\u200bb',
  '\u200d',
  '\ufeffbom',
  'e\u0301',
  '\u00e9',
  '\u1e9e',
  '\u0130',
  'i\u0307',
  '\u{1f600}',
  '\u{1f468}\u200d\u{1f469}',
  '\u{10ffff}',
  '\uffff',
  '\ue000',
];

/** Not every product keeps these. */
export const WITH_NUL: readonly string[] = ['\0', 'nul\0inside', "\0'; drop table victim --"];

/** No text in Unicode: no database keeps them, and clients can still send them. */
export const UNPAIRED: readonly string[] = ['\ud83d', '\ude00', 'a\udfffb', '\ud800'];

const MEGABYTE = 1_048_576;

/** A megabyte each; two of them differ in their last character alone. */
export const LONG_TEXTS: readonly string[] = [
  'x'.repeat(MEGABYTE),
  `${'x'.repeat(MEGABYTE - 1)}y`,
  "'".repeat(MEGABYTE),
  '%'.repeat(MEGABYTE),
];

const LONG_NUMBERS: readonly string[] = [
  '9'.repeat(38),
  '9'.repeat(66),
  '9'.repeat(400),
  `-${'9'.repeat(400)}`,
  '1'.repeat(5_000),
  `0.${'0'.repeat(37)}1`,
  `0.${'0'.repeat(400)}1`,
  `${'7'.repeat(200)}.${'7'.repeat(200)}`,
  `1.${'0'.repeat(999)}1`,
];

const DAYS: readonly string[] = [
  '0000-01-01',
  '0001-01-01',
  '1582-10-10',
  '1900-02-28',
  '2024-02-29',
  '9999-12-31',
  '-000001-12-31',
  '-012345-01-01',
  '+010000-01-01',
  '+275760-09-13',
];
const CLOCKS: readonly string[] = [
  '00:00:00',
  '12:30:00.5',
  '12:30:00.000001',
  '12:30:00.000000001',
  '23:59:59.999999',
  '23:59:59.999999999',
];
const MOMENTS = DAYS.flatMap((day, i) => [`${day}T00:00:00`, `${day}T${CLOCKS[i % CLOCKS.length]}`]);

const encoder = new TextEncoder();

/** Values to ask a field of this type about: all are of the type, few of them can be in a database. */
export function valuesOf(type: Scalar): readonly Value[] {
  switch (type.kind) {
    case 'boolean':
      return [true, false];
    case 'int32':
      return [0, 1, -1, 7, 32_768, -32_769, 2_147_483_647, -2_147_483_648];
    case 'int64':
      return [0n, 1n, -1n, 7n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    case 'float64':
      return [
        0,
        -0,
        1,
        0.1,
        -1.5,
        1e-45,
        5e-324,
        3.5e38,
        1e308,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        Number.NaN,
      ];
    case 'decimal':
      return ['0', '1', '-0.01', '12.34', '12.345', '7', ...LONG_NUMBERS];
    case 'date':
      return DAYS;
    case 'time':
      return CLOCKS;
    case 'timestamp':
      return MOMENTS;
    case 'instant':
      return MOMENTS.map((moment) => `${moment}Z`);
    case 'bytes':
      return [...['', "'", '\\', '"; --', '\0', '\0\0', '%', '\\x00'].map((text) => encoder.encode(text))];
    case 'string':
      return [...TEXTS, ...WITH_NUL, ...UNPAIRED];
    case 'enum':
      return type.values;
    case 'json':
      return [];
  }
}

/** Names that somebody has given to a table or a column; no two of them differ in case alone. */
export const NAMES: readonly string[] = [
  'select',
  'Order',
  'GROUP',
  'user',
  'Mixed Case',
  ' leading blank',
  'a.b',
  'a.b.c',
  'x as y',
  'as',
  '*',
  'a"b',
  '""',
  "o'clock",
  'tick`tock',
  '``',
  '[bracket]',
  ']];--',
  '"; drop table victim; --',
  '`; drop table victim; --',
  '--',
  '/* name */',
  '#temp',
  '##',
  '@p1',
  ':1',
  '$1',
  '?',
  '%_',
  '\\',
  'back\\slash"',
  '{0}',
  '1st',
  '42',
  'new\nline',
  'tab\t',
  '\u0441\u0443\u043c\u043c\u0430',
  'Stra\u00dfe',
  '\u540d\u524d',
  '\u05d0\u05d1',
  'e\u0301',
  '\u2018\uff07',
  'zero\u200bwidth',
  'n'.repeat(60),
];
