import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CodeFamily, PackedEncoding, SignPlace, ZonedEncoding } from '../../src/codec/encoding.ts';
import { PACKED_LAST, SEPARATE } from '../../src/codec/scalars/digits.ts';
import { type Flaw, isFlaw } from '../../src/codec/scalars/flaw.ts';
import { packedNumber, readPacked, signlessNumber, writePacked } from '../../src/codec/scalars/packed.ts';
import {
  readZoned,
  writeZoned,
  zonedNumber,
  zonedParts,
  zonedTables,
} from '../../src/codec/scalars/zoned.ts';
import { random } from '../random.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''));

const packed = (digits: number, signed: boolean, text: string): bigint | Flaw =>
  readPacked({ kind: 'packed', digits, scale: 0, signed }, hex(text), 0, hex(text).length);

const zonedEncoding = (
  digits: number,
  signed: boolean,
  family: CodeFamily = 'ebcdic',
  sign: SignPlace = 'trailing',
): ZonedEncoding => ({
  kind: 'zoned',
  digits,
  scale: 0,
  signed,
  sign,
  family,
});

const zoned = (
  digits: number,
  signed: boolean,
  text: string,
  family: CodeFamily = 'ebcdic',
  sign: SignPlace = 'trailing',
) => readZoned(zonedEncoding(digits, signed, family, sign), hex(text), 0, hex(text).length);

/** What the kernel makes of a field. */
function zonedFast(encoding: ZonedEncoding, bytes: Uint8Array): number | 'flaw' {
  const { separate, signAt, first, count } = zonedParts(encoding, bytes.length);
  const { head, body, tail } = zonedTables(encoding, bytes.length);
  const signs = SEPARATE[encoding.family][encoding.signed ? 'signed' : 'unsigned'];
  const sign = separate ? (signs[bytes[signAt] ?? 0] ?? 0) : 0;
  const number = zonedNumber(bytes, first, count, head, body, tail, sign);
  return Number.isNaN(number) ? 'flaw' : number;
}

function assertFlaw(result: unknown, flaw: string, message: RegExp): void {
  assert.ok(isFlaw(result), `expected ${flaw}, got ${String(result)}`);
  assert.equal(result.flaw, flaw);
  assert.match(result.message, message);
}

describe('packed numbers', () => {
  it('sign nibbles A, C, E and F are plus, B and D are minus', () => {
    for (const sign of ['A', 'C', 'E', 'F']) assert.equal(packed(5, true, `12 34 5${sign}`), 12345n, sign);
    for (const sign of ['B', 'D']) assert.equal(packed(5, true, `12 34 5${sign}`), -12345n, sign);
  });

  it('a sign nibble that is a digit is a flaw that names it', () => {
    for (let sign = 0; sign <= 9; sign++) {
      assertFlaw(
        packed(5, true, `12 34 5${sign}`),
        'bad-packed-sign',
        new RegExp(`nibble 6 is ${sign}, no sign`),
      );
    }
  });

  it('every nibble that is no digit is a flaw that names it', () => {
    for (let nibble = 0; nibble < 5; nibble++) {
      for (const letter of 'ABCDEF') {
        const digits = [...'12345'].with(nibble, letter).join('');
        const message = new RegExp(`nibble ${nibble + 1} is ${letter}, no digit`);
        assertFlaw(packed(5, true, `${digits}C`), 'bad-packed-digit', message);
      }
    }
  });

  it('12 34 AC is a flaw of nibble 5', () => {
    assertFlaw(packed(5, true, '12 34 AC'), 'bad-packed-digit', /nibble 5 is A/);
  });

  it('an unsigned field takes every plus and refuses a minus', () => {
    for (const sign of ['A', 'C', 'E', 'F']) assert.equal(packed(3, false, `12 3${sign}`), 123n);
    for (const sign of ['B', 'D']) {
      assertFlaw(packed(3, false, `12 3${sign}`), 'unsigned-minus', new RegExp(`nibble 4 is ${sign}`));
    }
  });

  it('the pad nibble of an even number of digits must be 0', () => {
    assert.equal(packed(4, true, '01 23 4C'), 1234n);
    assertFlaw(packed(4, true, '91 23 4C'), 'bad-packed-pad', /nibble 1 is 9/);
  });

  it('zero with a minus is plain zero', () => {
    const bytes = hex('00 0D');
    assert.equal(packed(3, true, '00 0D'), 0n);
    assert.ok(Object.is(packedNumber(bytes, 0, 2, false, PACKED_LAST.signed), 0));
  });

  it('the kernel agrees with the reading for every pair of bytes', () => {
    const encoding: PackedEncoding = { kind: 'packed', digits: 2, scale: 0, signed: true };
    const bytes = new Uint8Array(2);
    for (let first = 0; first < 256; first++) {
      for (let last = 0; last < 256; last++) {
        bytes.set([first, last]);
        for (const digits of [2, 3]) {
          for (const signed of [true, false]) {
            const exact = readPacked({ ...encoding, digits, signed }, bytes, 0, 2);
            const fast = packedNumber(bytes, 0, 2, digits === 2, PACKED_LAST[signed ? 'signed' : 'unsigned']);
            assert.equal(isFlaw(exact) ? 'flaw' : Number(exact), Number.isNaN(fast) ? 'flaw' : fast);
          }
        }
      }
    }
  });

  it('without a sign have a digit in every nibble, and a pad for an odd number of them', () => {
    const how = (digits: number): PackedEncoding => ({
      kind: 'packed',
      digits,
      scale: 0,
      signed: false,
      signless: true,
    });
    assert.equal(readPacked(how(6), hex('12 34 56'), 0, 3), 123456n);
    assert.equal(readPacked(how(5), hex('02 34 56'), 0, 3), 23456n);
    assertFlaw(readPacked(how(5), hex('12 34 56'), 0, 3), 'bad-packed-pad', /nibble 1 is 1/);
    assertFlaw(readPacked(how(6), hex('12 34 5C'), 0, 3), 'bad-packed-digit', /nibble 6 is C/);
    const bytes = new Uint8Array(3);
    writePacked(how(5), 678n, bytes, 0, 3);
    assert.equal(bytes.toHex(), '000678');
    for (let pair = 0; pair < 0x10000; pair++) {
      const field = Uint8Array.of(pair >> 8, pair & 0xff);
      for (const digits of [3, 4]) {
        const exact = readPacked(how(digits), field, 0, 2);
        const fast = signlessNumber(field, 0, 2, digits === 3);
        if (!Object.is(fast, isFlaw(exact) ? Number.NaN : Number(exact))) assert.fail(field.toHex());
      }
    }
  });

  it('of 38 digits read back as they were written', () => {
    const { int, chance } = random(31);
    for (let round = 0; round < 1_000; round++) {
      const digits = 1 + int(38);
      const signless = chance(0.3);
      const length = signless ? Math.ceil(digits / 2) : (digits >> 1) + 1;
      const encoding: PackedEncoding = { kind: 'packed', digits, scale: 0, signed: !signless, signless };
      const magnitude = BigInt(Array.from({ length: digits }, () => int(10)).join(''));
      const value = !signless && chance(0.5) ? -magnitude : magnitude;
      const bytes = new Uint8Array(length);
      writePacked(encoding, value, bytes, 0, length);
      assert.equal(readPacked(encoding, bytes, 0, length), value);
    }
  });

  it('what is written has the preferred signs and reads back', () => {
    const bytes = new Uint8Array(3);
    const write = (value: bigint, digits: number, signed: boolean) => {
      writePacked({ kind: 'packed', digits, scale: 0, signed }, value, bytes, 0, 3);
      return bytes.toHex();
    };
    assert.equal(write(12345n, 5, true), '12345c');
    assert.equal(write(-12345n, 5, true), '12345d');
    assert.equal(write(42n, 5, false), '00042f');
    assert.equal(write(-7n, 4, true), '00007d');
  });
});

describe('zoned numbers', () => {
  it('zones A, C, E and F of the last byte are plus, B and D are minus', () => {
    for (const zone of ['A', 'C', 'E', 'F']) assert.equal(zoned(3, true, `F1 F2 ${zone}3`), 123n, zone);
    for (const zone of ['B', 'D']) assert.equal(zoned(3, true, `F1 F2 ${zone}3`), -123n, zone);
  });

  it('any other last byte is a flaw that names it', () => {
    for (let zone = 0; zone < 0x0a; zone++) {
      assertFlaw(zoned(3, true, `F1 F2 ${zone}3`), 'bad-zoned-sign', new RegExp(`byte 3 is ${zone}3`));
    }
    for (const byte of ['FA', 'CF', '0A', '4B', 'DB']) {
      assertFlaw(zoned(3, true, `F1 F2 ${byte}`), 'bad-zoned-digit', new RegExp(`byte 3 is ${byte}`));
    }
  });

  it('every byte but F0 to F9 before the last one is a flaw', () => {
    for (let byte = 0; byte < 256; byte++) {
      const text = Uint8Array.of(0xf1, byte, 0xf2).toHex();
      const result = zoned(3, true, text);
      if (byte >= 0xf0 && byte <= 0xf9) assert.equal(result, BigInt(102 + (byte & 0x0f) * 10));
      else assertFlaw(result, 'bad-zoned-digit', /byte 2 is/);
    }
  });

  it('a blank inside a number is a flaw', () => {
    assertFlaw(zoned(3, true, 'F1 40 F2'), 'bad-zoned-digit', /byte 2 is 40, no digit/);
  });

  it('an unsigned field refuses a minus', () => {
    assert.equal(zoned(3, false, 'F1 F2 C3'), 123n);
    assertFlaw(zoned(3, false, 'F1 F2 D3'), 'unsigned-minus', /byte 3 is D3/);
  });

  it('in ASCII the punches are {A-I for plus, }J-R for minus, and plain digits', () => {
    const last = (character: string) =>
      zoned(3, true, new TextEncoder().encode(`12${character}`).toHex(), 'ascii');
    for (const [digit, character] of [...'{ABCDEFGHI'].entries())
      assert.equal(last(character), BigInt(120 + digit));
    for (const [digit, character] of [...'}JKLMNOPQR'].entries())
      assert.equal(last(character), BigInt(-120 - digit));
    for (const digit of '0123456789') assert.equal(last(digit), BigInt(`12${digit}`));
    assertFlaw(last('S'), 'bad-zoned-digit', /byte 3 is 53/);
  });

  it('in ASCII p to y are minus too, as Micro Focus and GnuCOBOL write it', () => {
    for (const [digit, character] of [...'pqrstuvwxy'].entries()) {
      const bytes = new TextEncoder().encode(`12${character}`);
      assert.equal(zoned(3, true, bytes.toHex(), 'ascii'), BigInt(-120 - digit));
      const written = new Uint8Array(3);
      writeZoned(zonedEncoding(3, true, 'ascii'), BigInt(-120 - digit), written, 0, 3);
      assert.equal(written.toHex(), bytes.toHex());
    }
    assertFlaw(zoned(3, true, '31327a', 'ascii'), 'bad-zoned-digit', /byte 3 is 7A/);
  });

  it('in ASCII keep the manner of a translated file when they are written over one of its numbers', () => {
    const bytes = new TextEncoder().encode('12{');
    writeZoned(zonedEncoding(3, true, 'ascii'), -45n, bytes, 0, 3);
    assert.equal(new TextDecoder().decode(bytes), '04N');
  });

  it('may have any zones where the policy says so, but only digits, and a sign where there is one', () => {
    const ignore = (signed: boolean, text: string, family: CodeFamily = 'ebcdic') =>
      readZoned({ ...zonedEncoding(3, signed, family), zones: 'ignore' }, hex(text), 0, 3);
    assert.equal(ignore(true, 'F1 40 F2'), 102n);
    assert.equal(ignore(true, '01 02 D3'), -123n);
    assert.equal(ignore(false, 'F1 F2 D3'), 123n);
    assert.equal(ignore(false, '31 20 33', 'ascii'), 103n);
    assertFlaw(ignore(true, 'F1 FA F2'), 'bad-zoned-digit', /byte 2 is FA/);
    assertFlaw(ignore(true, 'F1 F2 43'), 'bad-zoned-sign', /byte 3 is 43/);
  });

  it('a sign may lead, and may have its own byte', () => {
    assert.equal(zoned(3, true, 'D1 F2 F3', 'ebcdic', 'leading'), -123n);
    assert.equal(zoned(3, true, '60 F1 F2 F3', 'ebcdic', 'leading-separate'), -123n);
    assert.equal(zoned(3, true, 'F1 F2 F3 4E', 'ebcdic', 'trailing-separate'), 123n);
    assertFlaw(
      zoned(3, true, 'F1 F2 F3 40', 'ebcdic', 'trailing-separate'),
      'bad-zoned-sign',
      /byte 4 is 40/,
    );
  });

  it('zero with a minus is plain zero', () => {
    const bytes = hex('F0 D0');
    assert.ok(Object.is(zonedFast(zonedEncoding(2, true), bytes), 0));
  });

  it('the kernel agrees with the reading for every pair of bytes', () => {
    const bytes = new Uint8Array(2);
    const places = ['trailing', 'leading', 'trailing-separate', 'leading-separate'] as const;
    for (const sign of places) {
      for (const family of ['ebcdic', 'ascii'] as const) {
        for (const signed of [true, false]) {
          const digits = sign.endsWith('separate') ? 1 : 2;
          const encoding = zonedEncoding(digits, signed, family, sign);
          for (let pair = 0; pair < 0x10000; pair++) {
            bytes.set([pair >> 8, pair & 0xff]);
            const exact = readZoned(encoding, bytes, 0, 2);
            const fast = zonedFast(encoding, bytes);
            if (fast !== (isFlaw(exact) ? 'flaw' : Number(exact))) {
              assert.fail(`${bytes.toHex()} ${sign} ${family}: ${fast}`);
            }
          }
        }
      }
    }
  });

  it('the kernel leaves blanks and low-values to the reading where zones do not count', () => {
    const encoding: ZonedEncoding = { ...zonedEncoding(3, true), zones: 'ignore' };
    assert.equal(zonedFast(encoding, hex('A1 12 D3')), -123);
    assert.equal(zonedFast(encoding, hex('F1 40 F2')), 'flaw');
    assert.equal(zonedFast({ ...encoding, signed: false }, hex('00 00 00')), 'flaw');
  });

  it('what is written reads back, in every family and with every place of the sign', () => {
    const { int, chance } = random(3);
    for (let round = 0; round < 2_000; round++) {
      const digits = 1 + int(38);
      const value = BigInt(Array.from({ length: digits }, () => int(10)).join('')) * (chance(0.5) ? 1n : -1n);
      for (const sign of ['trailing', 'leading', 'trailing-separate', 'leading-separate'] as const) {
        for (const family of ['ebcdic', 'ascii'] as const) {
          const encoding = zonedEncoding(digits, true, family, sign);
          const length = digits + (sign.endsWith('separate') ? 1 : 0);
          const bytes = new Uint8Array(length);
          writeZoned(encoding, value, bytes, 0, length);
          assert.equal(readZoned(encoding, bytes, 0, length), value, `${bytes.toHex()} ${sign} ${family}`);
        }
      }
    }
  });
});
