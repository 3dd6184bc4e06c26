// Parse maps: the library fixed-width-parser is the oracle, in both directions, of everything that it answers
// exactly. Where it does not, the test says what it answers and what we answer.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FixedWidthParser, type ParseConfigInput } from 'fixed-width-parser';
import { compile } from '#codec/compile/compile';
import { Fault, type FaultPlace, type Row, scalarPaths, type Value, valueAt } from '#spi';
import { readParseMap } from '../../../adapters/file/tables/parse-map.ts';
import { type Random, random } from '../../random.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const quiet = { warn: () => {} };
const locate = (): FaultPlace => ({});

function opened(configs: readonly unknown[]) {
  const map = readParseMap(JSON.stringify(configs), { file: 'map.json', charset: 'latin1' });
  const codec = compile(map.layout);
  const paths = scalarPaths(map.layout.fields).map(([path]) => path);
  const decode = codec.decoder(paths);
  return {
    map,
    encode: (row: Row) => Buffer.from(codec.encode(row, codec.encode(map.defaults))).toString('latin1'),
    decode: (line: string) => decode(latin1(line), 0, line.length, locate),
  };
}

/** The library takes the configs as they are; it completes and sorts them in place. */
function library(configs: readonly ParseConfigInput[]): FixedWidthParser {
  return new FixedWidthParser(structuredClone([...configs]), { truncate: false }, quiet);
}

const CONFIGS: readonly ParseConfigInput[] = [
  { name: 'left', start: 0, width: 8, padPosition: 'end' },
  { name: 'right', start: 8, width: 8 },
  { name: 'starred', start: 16, width: 6, padChar: '*' },
  { name: 'count', type: 'int', start: 22, width: 6 },
  { name: 'zeros', type: 'int', start: 28, width: 5, padChar: '0' },
  { name: 'hex', type: 'int', start: 33, width: 7, radix: 16 },
  { name: 'amount', type: 'float', start: 40, width: 10 },
  {
    name: 'implied',
    type: 'float',
    start: 50,
    width: 8,
    padChar: '0',
    insertDecimal: false,
    decimalCount: 3,
  },
  { name: 'yes', type: 'bool', start: 58, width: 3, trueValue: 'YES', falseValue: 'NO' },
  {
    name: 'day',
    type: 'date',
    start: 61,
    width: 8,
    fixedWidthFormat: 'yyyyMMdd',
    jsonFormat: 'yyyy-MM-dd',
    tryParsingRawValueBeforeFallback: false,
  },
  {
    name: 'at',
    type: 'date',
    start: 69,
    width: 19,
    fixedWidthFormat: 'dd.MM.yyyy HH:mm:ss',
    jsonFormat: "yyyy-MM-dd'T'HH:mm:ss",
    tryParsingRawValueBeforeFallback: false,
  },
];

const LETTERS = [...'abcXYZ019 -_."\\\'äß*'];

/** A text that the padding of its column cannot swallow: it neither begins nor ends with blank or star. */
function text(dice: Random, longest: number): string {
  const letters = Array.from({ length: dice.int(longest + 1) }, () => dice.pick(LETTERS)).join('');
  return letters.replace(/^[ *]+|[ *]+$/g, '');
}

function day(dice: Random): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${1900 + dice.int(200)}-${two(1 + dice.int(12))}-${two(1 + dice.int(28))}`;
}

/** A row as both know it: whole numbers that no binary fraction can blur, decimals as cents. */
function randomRow(dice: Random) {
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    left: text(dice, 8),
    right: text(dice, 8),
    starred: text(dice, 6),
    count: dice.int(100_000) - 50_000,
    zeros: dice.int(100_000),
    hex: dice.int(0xfff_ffff),
    amount: `${dice.int(100_000)}.${dice.int(10)}${1 + dice.int(9)}`,
    implied: `${dice.int(10_000)}.${dice.int(10)}${dice.int(10)}${1 + dice.int(9)}`,
    yes: dice.chance(0.5),
    day: day(dice),
    at: `${day(dice)}T${two(dice.int(24))}:${two(dice.int(60))}:${two(dice.int(60))}`,
  };
}

/** The library's numbers are JavaScript's; ours are exact texts and 64-bit integers. */
function asLibrary(row: Row): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.keys(row).map((name) => {
      const value = valueAt(row, name);
      const number = typeof value === 'bigint' || name === 'amount' || name === 'implied';
      return [name, number && value !== null ? Number(value) : value];
    }),
  );
}

describe('a parse map and the library fixed-width-parser', () => {
  const ours = opened(CONFIGS);
  const theirs = library(CONFIGS);

  it('encode the same row to the same line, and decode the line to the same row (500 random rows)', () => {
    const dice = random(2_024);
    for (let i = 0; i < 500; i++) {
      const { hex, ...rest } = randomRow(dice);
      const row: Row = { ...rest, hex };
      const line = ours.encode(row);
      assert.equal(theirs.unparse([asLibrary(row)]), line, JSON.stringify(row));
      assert.deepEqual(asLibrary(ours.decode(line)), theirs.parse(line)[0]);
      assert.deepEqual(ours.decode(line), row);
    }
  });

  it('read the same out of random digits and letters wherever the library is exact', () => {
    const dice = random(99);
    const configs: readonly ParseConfigInput[] = [
      { name: 'a', type: 'int', start: 0, width: 4 },
      { name: 'b', type: 'float', start: 4, width: 6 },
      { name: 'c', start: 10, width: 5 },
    ];
    const [mine, library_] = [opened(configs), library(configs)];
    for (let i = 0; i < 300; i++) {
      const a = String(dice.int(10_000)).padStart(4, dice.pick([' ', '0']));
      const b = (
        dice.chance(0.5) ? `${dice.int(1000)}.${dice.int(10)}${dice.int(10)}` : String(1 + dice.int(99_999))
      ).padStart(6);
      const c = text(dice, 5).padStart(5) || '     ';
      const row = mine.decode(a + b + c);
      const [wanted] = library_.parse(a + b + c);
      assert.deepEqual({ ...row, b: Number(row['b']) }, wanted);
    }
  });

  it('differ in what is no number: the library guesses, we name it', () => {
    const configs: readonly ParseConfigInput[] = [
      { name: 'n', type: 'int', start: 0, width: 4 },
      { name: 'd', type: 'float', start: 4, width: 6 },
    ];
    for (const [line, guess] of [
      ['12ab  1.50', { n: 12, d: 1.5 }],
      ['      1.50', { n: 0, d: 1.5 }],
      ['   1 -1234', { n: 1, d: 0 }],
    ] as const) {
      assert.deepEqual(library(configs).parse(line), [guess]);
    }
    const { decode } = opened(configs);
    assert.ok(decode('12ab  1.50')['n'] instanceof Fault);
    assert.ok(decode('      1.50')['n'] instanceof Fault);
    assert.equal(decode('   1 -1234')['d'], '-12.34');
  });

  it('differ in falsyFallback null: the library makes null of the number 0, we of a blank number alone', () => {
    const configs: readonly ParseConfigInput[] = [
      { name: 'n', type: 'int', start: 0, width: 2, falsyFallback: 'null' },
      { name: 't', start: 2, width: 2, falsyFallback: 'null' },
      { name: 'b', type: 'bool', start: 4, width: 1, trueValue: 'Y', falseValue: 'N', falsyFallback: 'null' },
    ];
    assert.deepEqual(library(configs).parse(' 0  N'), [{ n: null, t: null, b: false }]);
    const { decode } = opened(configs);
    assert.deepEqual(decode(' 0  N'), { n: 0, t: null, b: false });
    assert.deepEqual(decode('    ?'), { n: null, t: null, b: null });
  });

  it('differ in float precision: the library rounds to a JavaScript number, we keep every digit', () => {
    const configs: readonly ParseConfigInput[] = [
      { name: 'd', type: 'float', start: 0, width: 20, decimalCount: 4 },
    ];
    const line = '123456789012345.6789';
    assert.deepEqual(library(configs).parse(line), [{ d: 123456789012345.67 }]);
    assert.equal(opened(configs).decode(line)['d'], '123456789012345.6789');
  });

  it('differ in whole floats: the library leaves the point out, we write it', () => {
    const configs: readonly ParseConfigInput[] = [
      { name: 'd', type: 'float', start: 0, width: 8, decimalCount: 2 },
    ];
    assert.equal(library(configs).unparse([{ d: 3 }]), '     300');
    const { encode, decode } = opened(configs);
    assert.equal(encode({ d: '3.00' }), '    3.00');
    assert.deepEqual([decode('     300'), decode('    3.00')], [{ d: '3.00' }, { d: '3.00' }]);
  });

  it('differ in values that do not fit: the library may cut them, we refuse', () => {
    const configs: readonly ParseConfigInput[] = [{ name: 't', start: 0, width: 3, truncate: true }];
    assert.equal(library(configs).unparse([{ t: 'abcdef' }]), 'abc');
    assert.throws(() => opened(configs).encode({ t: 'abcdef' }), { kind: 'rejected' });
  });

  it('differ in gaps: the library writes fields without them, we write them where they stand', () => {
    const configs: readonly ParseConfigInput[] = [
      { name: 'a', start: 2, width: 2 },
      { name: 'b', start: 6, width: 2 },
    ];
    assert.equal(library(configs).unparse([{ a: 'x', b: 'y' }]), ' x y');
    assert.equal(opened(configs).encode({ a: 'x', b: 'y' }), '   x   y');
  });

  it('a default fills what a new row does not say', () => {
    const configs: readonly ParseConfigInput[] = [
      { name: 'a', start: 0, width: 3, default: 'dft' },
      { name: 'n', type: 'int', start: 3, width: 3, default: 7 },
    ];
    assert.equal(library(configs).unparse([{}]), 'dft  7');
    assert.equal(opened(configs).encode({}), 'dft  7');
  });

  it('padString of the README and padChar of the code are the same', () => {
    const { decode } = opened([{ name: 'n', type: 'int', start: 0, width: 4, padString: '0' }]);
    assert.deepEqual(decode('0042'), { n: 42 });
  });

  it('numbers take the narrowest type that holds them', () => {
    const { map } = opened([
      { name: 'a', type: 'int', start: 0, width: 9 },
      { name: 'b', type: 'int', start: 9, width: 18 },
      { name: 'c', type: 'int', start: 27, width: 19 },
      { name: 'd', type: 'int', radix: 36, start: 46, width: 6 },
      { name: 'e', type: 'float', start: 52, width: 9, decimalCount: 4 },
    ]);
    assert.deepEqual(
      map.layout.fields.map(({ type }) => type),
      [
        { kind: 'int32' },
        { kind: 'int64' },
        { kind: 'decimal', precision: 19, scale: 0 },
        { kind: 'int64' },
        { kind: 'decimal', precision: 9, scale: 4 },
      ],
    );
  });
});

describe('a wrong parse map', () => {
  const faultOf = (json: string): Fault => {
    try {
      readParseMap(json, { file: 'map.json', charset: 'utf-8' });
    } catch (error) {
      assert.ok(error instanceof Fault);
      assert.ok(error.misconfigured);
      return error;
    }
    return assert.fail('it was accepted');
  };
  const of = (...configs: readonly unknown[]) => faultOf(JSON.stringify(configs));

  it('is judged by the library, with file, index and name', () => {
    const fault = of(
      { name: 'b', start: 5, width: 0 },
      { name: 'n', type: 'int', start: 2, width: 3, padPosition: 'end', padChar: '7' },
      { name: 'a', start: 0, width: 2 },
    );
    assert.deepEqual(
      fault.errors.map(({ message }) => message),
      [
        'map.json, config 1 ("n"): Cannot pad numbers with numbers other than \'0\'.',
        'map.json, config 1 ("n"): Cannot pad the end of numbers.',
        'map.json, config 0 ("b"): Width must be greater than zero.',
      ],
    );
    assert.match(of().message, /^map\.json: .*empty/i);
    assert.match(of({ name: 'x', type: 'bool', start: 0, width: 1 }).message, /Missing property 'trueValue'/);
  });

  it('is told what is no JSON, no list, and no member of a parse config', () => {
    assert.match(faultOf('[{').message, /^map\.json is no JSON/);
    assert.match(faultOf('{"name":"a"}').message, /^map\.json: .*array/);
    assert.match(of({ name: 'a', start: 0, width: 1, witdh: 2 }).message, /config 0: .*witdh/);
    assert.match(of({ name: 'a', start: 0, width: 1, type: 'integer' }).message, /config 0: type: .*"int"/);
    assert.match(of({ start: 0, width: 1 }).message, /config 0: A field needs a name/);
  });

  it('is refused for dates that the API cannot show, with what would do', () => {
    const date = {
      name: 'd',
      type: 'date',
      start: 0,
      width: 8,
      fixedWidthFormat: 'yyyyMMdd',
      jsonFormat: 'yyyy-MM-dd',
    };
    const fault = of({ ...date, jsonFormat: 'dd/MM/yyyy' });
    assert.match(fault.message, /config 0 \("d"\): jsonFormat "dd\/MM\/yyyy" is no ISO form/);
    assert.match(fault.place.hint ?? '', /yyyy-MM-dd/);
    assert.match(of({ ...date, fixedWidthFormat: 'yyMMdd', width: 6 }).message, /of which century/);
    assert.match(of({ ...date, width: 10 }).message, /width is 10, but fixedWidthFormat writes 8/);
    assert.match(of({ ...date, jsonFormat: 'HH:mm:ss' }).message, /they must be the same/);
  });
});
