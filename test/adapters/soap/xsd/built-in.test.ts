import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Value } from '#spi';
import { builtIn, builtInNames, listItemOf } from '../../../../adapters/soap/xsd/built-in.ts';
import { restricted } from '../../../../adapters/soap/xsd/facets.ts';
import { type Lexical, TIME_READING, type TimeReading } from '../../../../adapters/soap/xsd/lexical.ts';
import { patternOf } from '../../../../adapters/soap/xsd/pattern.ts';
import { timeHint } from '../../../../adapters/soap/xsd/times.ts';

const SCOPE = new Map([['p', 'urn:p']]);
const type = (local: string, reading: TimeReading = TIME_READING): Lexical =>
  builtIn(local, reading) ?? assert.fail(local);
const parse = (local: string, text: string, reading?: TimeReading) => type(local, reading).parse(text, SCOPE);
const print = (local: string, value: Value, reading?: TimeReading) => type(local, reading).print(value);

/** Type, text as a service may write it, value, text as we write it. */
const READ: readonly (readonly [string, string, Value, string])[] = [
  ['decimal', ' +007.50 ', '7.50', '7.50'],
  ['decimal', '.5', '0.5', '0.5'],
  ['decimal', '-0', '0', '0'],
  ['integer', '+0012', '12', '12'],
  ['int', '-007', -7, '-7'],
  ['boolean', ' 1 ', true, 'true'],
  ['boolean', '0', false, 'false'],
  ['double', '1E2', 100, '100'],
  ['double', '-.5', -0.5, '-0.5'],
  ['float', '+INF', Number.POSITIVE_INFINITY, 'INF'],
  ['hexBinary', '0aFF', new Uint8Array([10, 255]), '0AFF'],
  ['token', ' a \t b\n', 'a b', 'a b'],
  ['normalizedString', 'a\tb\n', 'a b ', 'a b '],
  ['QName', 'p:name', '{urn:p}name', '{urn:p}name'],
  ['dateTime', '2024-02-29T24:00:00Z', '2024-03-01T00:00:00Z', '2024-03-01T00:00:00Z'],
  ['dateTime', '2023-12-31T24:00:00.000-02:00', '2024-01-01T02:00:00Z', '2024-01-01T02:00:00Z'],
  ['dateTime', '-0044-03-15T12:00:00Z', '-000044-03-15T12:00:00Z', '-0044-03-15T12:00:00Z'],
  ['dateTime', '12024-01-01T00:00:00Z', '+012024-01-01T00:00:00Z', '12024-01-01T00:00:00Z'],
  [
    'dateTime',
    '2024-01-01T00:00:00.1234567890000Z',
    '2024-01-01T00:00:00.123456789Z',
    '2024-01-01T00:00:00.123456789Z',
  ],
  ['date', ' 1582-10-10 ', '1582-10-10', '1582-10-10'],
  ['time', '24:00:00', '00:00:00', '00:00:00'],
  ['gYear', ' 2024+14:00 ', '2024+14:00', '2024+14:00'],
];

const REFUSED: readonly (readonly [string, readonly string[]])[] = [
  ['decimal', ['', '1e3', '1,5', '--1', 'INF', '0x1', '1.2.3']],
  ['integer', ['1.0', '', ' ', '1 2']],
  ['int', ['2147483648', '-2147483649']],
  ['long', ['9223372036854775808']],
  ['unsignedByte', ['256', '-1']],
  ['positiveInteger', ['0']],
  ['boolean', ['TRUE', 'yes', '']],
  ['double', ['', 'inf', 'Infinity', '0x10', '1e']],
  ['hexBinary', ['0', 'GG']],
  ['base64Binary', ['AQI', '*', 'AQ=']],
  ['QName', ['q:name', '1a', '']],
  ['NCName', ['a:b', '1', '']],
  ['language', ['', 'd_e']],
  [
    'dateTime',
    [
      '2023-02-29T00:00:00Z',
      '2024-01-01',
      '2024-01-01T25:00:00Z',
      '2024-01-01T24:00:01Z',
      '2024-01-01T00:00:60Z',
      '24-01-01T00:00:00Z',
      '2024-01-01T00:00:00.1234567891Z',
      '2024-01-01T00:00:00+15:00',
      '02024-01-01T00:00:00Z',
      '2024-01-01T00:00:00',
    ],
  ],
  ['date', ['2024-02-30', '2024-1-1', '2024-01-01Z', '']],
  ['time', ['24:00:01', '1:00:00', '12:00', '12:00:00Z']],
  ['duration', ['P', 'PT', '1Y', 'P1S', 'P-1D']],
  ['gMonthDay', ['--13-01', '--02-32', '02-01']],
];

describe('the built-in types of XML Schema', () => {
  for (const [local, text, value, written] of READ) {
    it(`${local}: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parse(local, text), value);
      assert.equal(print(local, value), written);
    });
  }

  for (const [local, texts] of REFUSED) {
    it(`${local} refuses ${texts.map((text) => JSON.stringify(text)).join(', ')}`, () => {
      for (const text of texts) assert.equal(parse(local, text), undefined, text);
    });
  }

  it('base64 may have white space in it', () => {
    assert.deepEqual(parse('base64Binary', ' AQ\nID '), new Uint8Array([1, 2, 3]));
  });

  it('a value that its type does not hold is not written', () => {
    const refused: readonly (readonly [string, Value])[] = [
      ['int', 2 ** 31],
      ['int', 1.5],
      ['byte', 128],
      ['unsignedLong', '-1'],
      ['token', 'a  b'],
      ['normalizedString', 'a\nb'],
      ['float', 1e300],
      ['boolean', 'true'],
      ['decimal', 1.5],
      ['date', '2023-02-29'],
      ['base64Binary', 'AQ=='],
    ];
    for (const [local, value] of refused) assert.equal(print(local, value), undefined, local);
  });

  it('a time with a zone where none is expected, or without one where it is, is refused with the option that helps', () => {
    assert.match(timeHint('dateTime', '2024-01-01T00:00:00', TIME_READING) ?? '', /dateTimes: local/);
    const local = { ...TIME_READING, dateTime: 'local' } as const;
    assert.equal(parse('dateTime', '2024-01-01T00:00:00Z', local), undefined);
    assert.match(timeHint('dateTime', '2024-01-01T00:00:00Z', local) ?? '', /instant/);
    assert.match(timeHint('date', '2024-01-01Z', TIME_READING) ?? '', /dates: text/);
    assert.equal(timeHint('date', 'nonsense', TIME_READING), undefined);
    const assumed = { ...TIME_READING, assumeZone: '+01:00' };
    assert.equal(parse('dateTime', '2024-01-01T00:30:00', assumed), '2023-12-31T23:30:00Z');
  });

  it('names that every object inherits are no types', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'Int', 'anyType'])
      assert.equal(builtIn(name, TIME_READING), undefined, name);
    assert.ok(builtInNames.has('string') && !builtInNames.has('constructor'));
    assert.deepEqual(['NMTOKENS', 'IDREFS', 'ENTITIES', 'NMTOKEN'].map(listItemOf), [
      'NMTOKEN',
      'IDREF',
      'ENTITY',
      undefined,
    ]);
  });
});

describe('facets', () => {
  const narrowed = (local: string, facets: Parameters<typeof restricted>[1]): Lexical =>
    restricted(type(local), facets, 'Own');
  const both = (lexical: Lexical, good: readonly Value[], bad: readonly Value[]): void => {
    for (const value of good) assert.notEqual(lexical.print(value), undefined, String(value));
    for (const value of bad) {
      assert.equal(lexical.print(value), undefined, String(value));
      const text = value instanceof Uint8Array ? value.toBase64() : String(value);
      assert.equal(lexical.parse(text, SCOPE), undefined, text);
    }
  };

  it('narrow the model’s type where it can say so', () => {
    assert.deepEqual(narrowed('string', { maxLength: '5' }).type, { kind: 'string', length: 5 });
    assert.deepEqual(narrowed('decimal', { totalDigits: '9', fractionDigits: '2' }).type, {
      kind: 'decimal',
      precision: 9,
      scale: 2,
    });
    assert.deepEqual(narrowed('decimal', { fractionDigits: '2' }).type, { kind: 'decimal' });
    assert.deepEqual(narrowed('string', { enumeration: ['a', 'b', 'a'] }).type, {
      kind: 'enum',
      name: 'Own',
      shared: true,
      values: ['a', 'b'],
    });
    assert.deepEqual(narrowed('int', { enumeration: ['1', '2'] }).type, { kind: 'int32' });
  });

  it('are checked both ways, whatever the value looks like', () => {
    both(narrowed('string', { minLength: '1', maxLength: '2' }), ['a', '😀😀'], ['', 'abc']);
    both(narrowed('base64Binary', { length: '2' }), [new Uint8Array(2)], [new Uint8Array(3)]);
    both(
      narrowed('decimal', { totalDigits: '3', fractionDigits: '1' }),
      ['99.9', '1.0', '0.1'],
      ['100.1', '1.23'],
    );
    both(narrowed('int', { minInclusive: '1', maxExclusive: '5' }), [1, 4], [0, 5]);
    both(
      narrowed('integer', { minExclusive: '99999999999999999999' }),
      ['100000000000000000000'],
      ['99999999999999999999'],
    );
    both(narrowed('date', { minInclusive: '2024-01-01' }), ['2024-01-01'], ['2023-12-31']);
    both(narrowed('decimal', { enumeration: ['1.0', '2'] }), ['1.00', '2'], ['3']);
    both(narrowed('string', { enumeration: ['a b', ''] }), ['a b', ''], ['a']);
    both(narrowed('string', { patterns: ['[A-Z]{2}\\d+', 'x'] }), ['CH12', 'x'], ['CH', 'xx', '']);
  });

  it('keep the scale that came', () => {
    assert.equal(narrowed('decimal', { totalDigits: '9', fractionDigits: '2' }).parse('1.5', SCOPE), '1.5');
  });

  it('patterns that JavaScript reads otherwise, or could take forever, are not checked', () => {
    for (const pattern of ['[a-z-[aeiou]]', '(a+)+', '(a*)*b', '[\\i]x', '\\p{IsBasicLatin}', '('])
      assert.equal(patternOf(pattern), undefined, pattern);
    assert.ok(patternOf('\\c+')?.test('a:b-1'));
    assert.ok(!patternOf('a$')?.test('a'));
    assert.ok(patternOf('a$')?.test('a$'));
    assert.ok(patternOf('[^a]')?.test('b'));
  });
});
