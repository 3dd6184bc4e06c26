// Every number encoding alone in a field: written, read, and read by the kernels of generated code.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { typeOfEncoding } from '../../src/codec/cobol-layout/item-encoding.ts';
import { program } from '../../src/codec/compile/program.ts';
import { digitsCode, digitsRoom, numberCode } from '../../src/codec/compile/shortcuts.ts';
import type { EditPosition } from '../../src/codec/copybook/tree.ts';
import type { NumberEncoding } from '../../src/codec/encoding.ts';
import type { ScalarNode } from '../../src/codec/layout.ts';
import { isFlaw } from '../../src/codec/scalars/flaw.ts';
import { numberValue } from '../../src/codec/scalars/numbers.ts';
import { readerOf } from '../../src/codec/scalars/scalar.ts';
import { writerOf } from '../../src/codec/scalars/scalar-writer.ts';
import { type Cell, toJson } from '../../src/model/value.ts';
import { type Random, random } from '../random.ts';
import { nodeOf } from './fields.ts';

/** A random encoding of any kind of number, in a field of the right length. */
function randomNumber({ int, pick, chance }: Random): ScalarNode {
  const digits = chance(0.3) ? 1 + int(38) : 1 + int(18);
  const scale = pick([0, 0, 0, int(digits + 1), digits + int(4), -1 - int(4)]);
  const signed = chance(0.6);
  const number = { digits, scale, signed };
  const family = pick(['ebcdic', 'ascii'] as const);
  const numberOf = (encoding: NumberEncoding, length: number) =>
    nodeOf(encoding, typeOfEncoding(encoding, length), length);
  switch (
    pick(['zoned', 'zoned', 'packed', 'packed', 'binary', 'binary', 'number-text', 'edited'] as const)
  ) {
    case 'zoned': {
      const sign = pick([
        'trailing',
        'trailing',
        'leading',
        'trailing-separate',
        'leading-separate',
      ] as const);
      const zones = pick(['strict', 'strict', 'ignore'] as const);
      return numberOf(
        { kind: 'zoned', ...number, sign, family, zones },
        digits + (sign.endsWith('separate') ? 1 : 0),
      );
    }
    case 'packed': {
      const signless = !signed && chance(0.4);
      const length = signless ? Math.ceil(digits / 2) : (digits >> 1) + 1;
      return numberOf({ kind: 'packed', ...number, signless }, length);
    }
    case 'binary': {
      const bits = (10n ** BigInt(digits)).toString(2).length + 1;
      const bytes = chance(0.5) ? Math.min(16, Math.ceil(bits / 8)) : 1 + int(16);
      const order = pick(['big', 'little'] as const);
      const trunc = pick(['std', 'bin'] as const);
      return numberOf({ kind: 'binary', ...number, bytes, order, trunc }, bytes);
    }
    case 'number-text': {
      const sign = pick(['none', 'none', 'trailing', 'leading', 'trailing-separate'] as const);
      const places = Math.max(scale, 0);
      const point = pick(['explicit', 'implied', 'either'] as const);
      const pointSymbol = pick(['.', ','] as const);
      const pad = pick([' ', '0'] as const);
      const length = Math.max(digits, places) + 3 + int(3);
      const how = sign === 'none' || !signed ? {} : { sign };
      return numberOf(
        { kind: 'number-text', ...number, scale: places, family, point, pointSymbol, pad, ...how },
        length,
      );
    }
    case 'edited': {
      const whole = 1 + int(9);
      const fraction = int(4);
      const digit: EditPosition = { kind: 'digit' };
      const positions: EditPosition[] = Array.from({ length: whole }, (_, i) =>
        i < whole - 1 && signed ? { kind: 'suppress', symbol: 'Z' } : digit,
      );
      if (fraction > 0) positions.push({ kind: 'point', symbol: '.' });
      for (let i = 0; i < fraction; i++) positions.push(digit);
      if (signed) positions.push({ kind: 'sign', symbol: '-' });
      const charset = family === 'ebcdic' ? 'cp037' : 'latin1';
      const edit = { positions, currency: '$' };
      const blankWhenZero = chance(0.2);
      return numberOf(
        { kind: 'edited', digits: whole + fraction, scale: fraction, signed, charset, edit, blankWhenZero },
        positions.length,
      );
    }
  }
}

/** A value that the field has room for. */
function randomValue({ encoding, type, length }: ScalarNode, { int, chance }: Random): Cell {
  assert.ok('digits' in encoding);
  const isWide = encoding.kind === 'binary' && encoding.trunc === 'bin';
  const bits = BigInt(length * 8 - (encoding.signed ? 1 : 0));
  const limit = 10n ** BigInt(encoding.digits);
  const bound = encoding.kind === 'binary' && (isWide || 2n ** bits < limit) ? 2n ** bits : limit;
  const text = Array.from({ length: 1 + int(40) }, () => int(10)).join('');
  const magnitude = chance(0.1) ? bound - 1n : chance(0.1) ? 0n : BigInt(text) % bound;
  const value = numberValue(encoding, type.kind, encoding.signed && chance(0.5) ? -magnitude : magnitude);
  assert.ok(!(value instanceof Uint8Array));
  return value;
}

function kernelsOf(node: ScalarNode) {
  const digits = program();
  const written = digitsCode(node, 'at', 'to', 'view', digits);
  const number = program();
  const counted = numberCode(node, 'at', number);
  digits.line(`return ${written};`);
  number.line(`return ${counted};`);
  return {
    // cast: the programs were written with these signatures.
    write:
      written === undefined
        ? undefined
        : (digits.build('bytes, at, out, view, to') as (...all: unknown[]) => number),
    // cast: the programs were written with these signatures.
    number: counted === undefined ? undefined : (number.build('bytes, at') as (...all: unknown[]) => number),
  };
}

const text = new TextDecoder();

/** The kernels say what the reading says, or that the bytes are irregular; never anything else. Returns whether they took the bytes. */
function assertKernels(
  node: ScalarNode,
  kernels: ReturnType<typeof kernelsOf>,
  bytes: Uint8Array,
  at: number,
): boolean {
  const cell = readerOf(node, 'cp037')(bytes, at);
  const room = digitsRoom(node);
  const out = new Uint8Array(room + 2).fill(0xee);
  const end = kernels.write?.(bytes, at, out, new DataView(out.buffer), 1) ?? -1;
  const where = `${JSON.stringify(node.encoding)} ${bytes.toHex()}`;
  assert.equal(out[0], 0xee);
  assert.equal(out[room + 1], 0xee, where);
  if (end >= 0) {
    assert.ok(!isFlaw(cell), where);
    assert.equal(text.decode(out.subarray(1, end)), String(toJson(node.type, cell)), where);
  }
  const number = kernels.number?.(bytes, at) ?? Number.NaN;
  if (!Number.isNaN(number)) {
    assert.ok(!isFlaw(cell) && cell !== null, where);
    const { type } = node;
    const expected = type.kind === 'decimal' ? Number(String(cell).replace('.', '')) : Number(cell);
    assert.equal(number, expected, where);
  }
  return end >= 0;
}

describe('a number of any encoding', () => {
  it('is read as it was written, by the reading and by the kernels', () => {
    const generator = random(71);
    const { int } = generator;
    for (let round = 0; round < 1_500; round++) {
      const node = randomNumber(generator);
      const write = writerOf(node, 'cp037');
      const read = readerOf(node, 'cp037');
      const kernels = kernelsOf(node);
      for (let i = 0; i < 5; i++) {
        const value = randomValue(node, generator);
        const at = int(3);
        const bytes = new Uint8Array(node.length + at + 2).fill(0xee);
        const flaw = write(value, bytes, at);
        const where = `${JSON.stringify(node.encoding)} ${String(value)} ${bytes.toHex()}`;
        if (flaw?.flaw === 'overflow' && node.encoding.kind === 'number-text') continue;
        assert.equal(flaw, undefined, `${where} ${flaw?.message}`);
        assert.deepEqual(read(bytes, at), value, where);
        assert.ok(bytes.subarray(0, at).every((byte) => byte === 0xee));
        assert.ok(bytes.subarray(at + node.length).every((byte) => byte === 0xee));
        assertKernels(node, kernels, bytes, at);
      }
    }
  });

  it('of any bytes is a number, or a flaw, for the reading and the kernels alike', () => {
    const generator = random(73);
    const { int, pick } = generator;
    let taken = 0;
    for (let round = 0; round < 1_500; round++) {
      const node = randomNumber(generator);
      const kernels = kernelsOf(node);
      const bytes = new Uint8Array(node.length);
      for (let i = 0; i < 8; i++) {
        const flaw = writerOf(node, 'cp037')(randomValue(node, generator), bytes, 0);
        if (flaw !== undefined) continue;
        for (let changes = int(3); changes > 0; changes--) {
          bytes[int(node.length)] = pick([int(256), 0x40, 0x20, 0x00, 0xff, 0xd5, 0x4d, 0x60, 0x4e, 0x7d]);
        }
        if (assertKernels(node, kernels, bytes, 0)) taken++;
      }
    }
    assert.ok(taken > 4_000, `only ${taken} by kernels`);
  });

  it('that fits no more is refused, and so is a minus without a sign', () => {
    const generator = random(79);
    for (let round = 0; round < 500; round++) {
      const node = randomNumber(generator);
      const { encoding } = node;
      assert.ok('digits' in encoding);
      const write = writerOf(node, 'cp037');
      const bytes = new Uint8Array(node.length);
      const beyond = numberValue(encoding, 'decimal', 10n ** BigInt(Math.max(40, encoding.digits)));
      assert.equal(write(String(beyond), bytes, 0)?.flaw, 'overflow');
      if (encoding.signed) continue;
      assert.equal(write(String(numberValue(encoding, 'decimal', -1n)), bytes, 0)?.flaw, 'wrong-sign');
    }
  });
});

describe('digits behind P', () => {
  const packed = (digits: number, scale: number, hex: string) => {
    const encoding = { kind: 'packed', digits, scale, signed: true } as const;
    const node = nodeOf(encoding, typeOfEncoding(encoding, hex.length / 2), hex.length / 2);
    const bytes = Uint8Array.fromHex(hex);
    const out = new Uint8Array(64);
    const end = kernelsOf(node).write?.(bytes, 0, out, new DataView(out.buffer), 0) ?? -1;
    return [readerOf(node, 'cp037')(bytes, 0), text.decode(out.subarray(0, end))];
  };

  it('make a number greater, or less than its digits', () => {
    assert.deepEqual(packed(2, -3, '012c'), [12_000, '12000']);
    assert.deepEqual(packed(2, -3, '000d'), [0, '0']);
    assert.deepEqual(packed(2, 5, '012d'), ['-0.00012', '-0.00012']);
    assert.deepEqual(packed(2, 5, '000d'), ['0.00000', '0.00000']);
    assert.deepEqual(packed(9, -9, '123456789c'), [123_456_789_000_000_000n, '123456789000000000']);
  });

  it('cannot be written where they are not zero', () => {
    const encoding = { kind: 'packed', digits: 2, scale: -3, signed: true } as const;
    const node = nodeOf(encoding, { kind: 'int32' }, 2);
    const bytes = new Uint8Array(2);
    assert.equal(writerOf(node, 'cp037')(12_000, bytes, 0), undefined);
    assert.equal(bytes.toHex(), '012c');
    assert.match(writerOf(node, 'cp037')(12_001, bytes, 0)?.message ?? '', /multiples of 1000/);
  });
});

describe('a number text with a sign over one of its digits', () => {
  const encoding = (sign: 'leading' | 'trailing', signed = true) =>
    ({
      kind: 'number-text',
      digits: 5,
      scale: 2,
      signed,
      family: 'ebcdic',
      point: 'explicit',
      sign,
    }) as const;

  it('takes the punch for its sign, in any code page', () => {
    for (const charset of ['cp037', 'cp273']) {
      const node = nodeOf(encoding('trailing'), { kind: 'decimal', precision: 5, scale: 2 }, 6);
      const read = readerOf(node, charset);
      assert.equal(read(Uint8Array.fromHex('f1f2f34bf4d5'), 0), '-123.45');
      assert.equal(read(Uint8Array.fromHex('f1f2f34bf4c0'), 0), '123.40');
      assert.equal(read(Uint8Array.fromHex('40f1f24bf4f5'), 0), '12.45');
      assert.ok(isFlaw(read(Uint8Array.fromHex('60f1f24bf4d5'), 0)));
      const bytes = new Uint8Array(6);
      assert.equal(writerOf(node, charset)('-3.40', bytes, 0), undefined);
      assert.equal(bytes.toHex(), 'f0f0f34bf4d0');
    }
    const leading = nodeOf(encoding('leading'), { kind: 'decimal', precision: 5, scale: 2 }, 6);
    assert.equal(readerOf(leading, 'cp037')(Uint8Array.fromHex('d1f2f34bf4f5'), 0), '-123.45');
    const unsigned = nodeOf(encoding('trailing', false), { kind: 'decimal', precision: 5, scale: 2 }, 6);
    assert.ok(isFlaw(readerOf(unsigned, 'cp037')(Uint8Array.fromHex('f1f2f34bf4d5'), 0)));
  });
});
