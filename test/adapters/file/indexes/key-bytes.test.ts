// Keys as bytes compare as their values do.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareRows, compareValues, type OrderKey, type Scalar, type Value } from '#spi';
import { above, compareKeys, keyBytes } from '../../../../adapters/file/indexes/key-bytes.ts';
import { random } from '../../../random.ts';

const dice = random(31);

function digits(most: number): string {
  return Array.from({ length: 1 + dice.int(most) }, () => dice.int(10)).join('');
}

/** Units from every range that is written in another way, surrogates alone and in pairs among them. */
function text(): string {
  const units = [
    '\0',
    '\x01',
    '~',
    '\x7f',
    '\x80',
    'ß',
    '\u07ff',
    '\u0800',
    '語',
    '\ud7ff',
    '\ue000',
    '\uffff',
  ];
  const surrogates = ['\ud800', '\udfff', '😀', '\u{10ffff}'];
  return Array.from({ length: dice.int(5) }, () =>
    dice.chance(0.2) ? dice.pick(surrogates) : dice.chance(0.5) ? 'A' : dice.pick(units),
  ).join('');
}

function decimal(): string {
  const whole = dice.chance(0.3) ? '0' : String(BigInt(digits(dice.pick([1, 3, 30]))));
  const fraction = dice.chance(0.4)
    ? ''
    : `.${dice.chance(0.3) ? '000' : ''}${digits(dice.pick([1, 2, 20]))}`;
  const number = whole + fraction;
  return dice.chance(0.5) && /[1-9]/.test(number) ? `-${number}` : number;
}

const near = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x7fff_ffff];
const RANDOM: Readonly<Record<string, readonly [Scalar, () => Value]>> = {
  boolean: [{ kind: 'boolean' }, () => dice.chance(0.5)],
  int32: [
    { kind: 'int32' },
    () =>
      dice.chance(0.1)
        ? -0x8000_0000
        : dice.pick([1, -1]) * (dice.chance(0.5) ? dice.pick(near) : dice.int(1e9)) + 0,
  ],
  int64: [
    { kind: 'int64' },
    () =>
      dice.chance(0.1)
        ? dice.pick([-(2n ** 63n), 2n ** 63n - 1n, 0n])
        : BigInt(dice.pick([1, -1])) * ((BigInt(dice.int(1e9)) ** 2n) >> BigInt(dice.int(60))),
  ],
  float64: [
    { kind: 'float64' },
    () =>
      dice.chance(0.3)
        ? dice.pick([0, -0, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, -Number.MAX_VALUE])
        : (dice.int(1e6) - 5e5) * 10 ** (dice.int(40) - 20),
  ],
  decimal: [{ kind: 'decimal', precision: 31, scale: 4 }, decimal],
  string: [{ kind: 'string' }, text],
  enum: [{ kind: 'enum', name: 'Letter', values: ['B', 'A', 'AA'] }, () => dice.pick(['B', 'A', 'AA'])],
  bytes: [
    { kind: 'bytes' },
    () => Uint8Array.from({ length: dice.int(4) }, () => dice.pick([0, 1, 2, 0x7f, 0xfe, 0xff])),
  ],
  date: [
    { kind: 'date' },
    () => dice.pick(['2024-02-29', '2024-03-01', '0001-01-01', '9999-12-31', '+012024-01-01']),
  ],
  instant: [
    { kind: 'instant' },
    () =>
      dice.pick([
        '2024-02-29T23:59:59Z',
        '2024-02-29T23:59:59.5Z',
        '2024-02-29T23:59:59.25Z',
        '2024-03-01T00:00:00Z',
      ]),
  ],
};

for (const [name, [type, value]] of Object.entries(RANDOM)) {
  it(`${name}: bytes compare as values do, and equal values give equal bytes`, () => {
    const { of, write } = keyBytes([{ type, nullable: false }]);
    for (let i = 0; i < 4_000; i++) {
      const a = value();
      const b = dice.chance(0.05) ? a : value();
      assert.equal(
        Math.sign(compareKeys(of([a]), of([b]))),
        Math.sign(compareValues(type, a, b)),
        `${String(a)} and ${String(b)}`,
      );
      // What is left out at the end is zeros.
      assert.ok(
        of([a])
          .subarray(write([a]))
          .every((byte) => byte === 0),
      );
    }
  });
}

describe('the bytes of a key of several parts', () => {
  it('compare part by part, a null before every value', () => {
    const kinds = Object.values(RANDOM);
    for (let round = 0; round < 3_000; round++) {
      const parts = Array.from({ length: 1 + dice.int(3) }, () => dice.pick(kinds));
      const order = parts.map(([type], i): OrderKey => ({ field: `f${i}`, type, descending: false }));
      const { of } = keyBytes(parts.map(([type]) => ({ type, nullable: true })));
      const values = () => parts.map(([, value]) => (dice.chance(0.3) ? null : value()));
      const a = values();
      const b = values().map((one, i) => (dice.chance(0.5) ? (a[i] ?? null) : one));
      assert.equal(
        Math.sign(compareKeys(of(a), of(b))),
        Math.sign(compareRows(order, (_, i) => a[i] ?? null, b)),
        `${a.map(String)} and ${b.map(String)}`,
      );
    }
  });

  it('of the first parts stand before all keys that begin with them, and what is above them behind', () => {
    const kinds = Object.values(RANDOM);
    for (let round = 0; round < 3_000; round++) {
      const [first, second] = [dice.pick(kinds), dice.pick(kinds)];
      const { of } = keyBytes([first, second].map(([type]) => ({ type, nullable: true })));
      const [a, b] = [first[1](), dice.chance(0.3) ? null : second[1]()];
      const other = first[1]();
      const bound = above(of([a]));
      assert.ok(bound !== undefined);
      assert.ok(compareKeys(of([a]), of([a, b])) <= 0 && compareKeys(of([a, b]), bound) < 0);
      const inside = compareKeys(of([a]), of([other, b])) <= 0 && compareKeys(of([other, b]), bound) < 0;
      assert.equal(inside, compareValues(first[0], a, other) === 0, `${String(a)} and ${String(other)}`);
    }
  });

  it('tell which texts begin with a text', () => {
    const { of, beginning } = keyBytes([
      { type: { kind: 'int32' }, nullable: false },
      { type: { kind: 'string' }, nullable: true },
    ]);
    for (let round = 0; round < 3_000; round++) {
      const [whole, start] = [text(), text().slice(0, 2)];
      const bytes = beginning([7], start);
      const bound = above(bytes);
      assert.ok(bound !== undefined);
      const inside = (key: Uint8Array) => compareKeys(bytes, key) <= 0 && compareKeys(key, bound) < 0;
      assert.equal(inside(of([7, whole])), whole.startsWith(start), JSON.stringify([whole, start]));
      assert.equal(inside(of([8, whole])), false);
      assert.equal(inside(of([7, null])), false);
    }
  });
});
